// The parameters of a request, each checked, and named in the ``Problem`` when it makes no sense.

internal import Foundation
internal import HeapHistory
internal import Hummingbird
internal import HummingbirdCore

struct Parameters {
    let device: String
    private let query: FlatDictionary<Substring, Substring>

    init(_ request: Request, _ context: some RequestContext) throws {
        let device = try context.parameters.require("device")
        self.device = device.removingPercentEncoding ?? device
        query = request.uri.queryParameters
    }

    func text(_ name: String) -> String? {
        query[name[...]].map { String($0) }
    }

    func time(_ name: String) throws -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let time = Timestamp(text) else {
            throw Problem(
                .badRequest, "\(name)=\(text) is no time.",
                hint: "Write it in UTC as ISO 8601: 2026-11-23T03:12:00.000000Z.")
        }
        return time
    }

    func number(_ name: String, _ range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = text(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw Problem(
                .badRequest, "\(name)=\(text) is out of range.",
                hint: "It must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    func moment(time: String, sequence: String) throws -> Moment? {
        let number = try number(sequence, 0...Int64(UInt32.max))
        let moment = try self.time(time)
        guard number == nil || moment == nil else {
            throw Problem(
                .badRequest, "Both \(time) and \(sequence) are given.", hint: "Leave one of them away.")
        }
        return number.map { .sequence(UInt32($0)) } ?? moment.map { .time($0) }
    }
}
