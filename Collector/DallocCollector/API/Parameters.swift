// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a request, each checked, and named in the ``Problem`` when it makes no sense.

internal import Foundation
internal import HeapHistory
internal import Hummingbird
internal import HummingbirdCore

struct Parameters {
    /// The device in the path; empty where that has none.
    let device: String
    private let query: FlatDictionary<Substring, Substring>

    init(_ request: Request, _ context: APIContext) throws {
        let device = context.parameters.get("device") ?? ""
        guard let plain = device.removingPercentEncoding else {
            throw Problem(
                .badRequest, "The device in \(request.uri.path) can't be read.",
                hint: "Write what is not ASCII, and the sign %, in percent-encoding of UTF-8.")
        }
        try Self.check(plain, "The device")
        self.device = plain
        query = request.uri.queryParameters
    }

    func text(_ name: String) throws -> String? {
        guard let text = query[name[...]].map({ String($0) }) else { return nil }
        try Self.check(text, name)
        return text
    }

    /// Each value of a parameter that may come several times, as what `read` makes of it.
    func values<Value>(_ name: String, _ form: String, _ read: (String) -> Value?) throws -> [Value] {
        try query[values: name[...]].map { text in
            guard let value = read(String(text)) else {
                throw Problem(.badRequest, "\(name)=\(text) can't be read.", hint: "Write it like \(form).")
            }
            return value
        }
    }

    /// The same for one that comes once.
    func value<Value>(_ name: String, _ form: String, _ read: (String) -> Value?) throws -> Value? {
        try values(name, form, read).last
    }

    /// No device, build or heap has control characters in its name; a zero would end the text for SQLite.
    private static func check(_ text: String, _ name: String) throws {
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw Problem(.badRequest, "\(name) has control characters.", hint: "Leave them away.")
        }
    }

    /// A time, or a boot.
    func bound(_ name: String) throws -> TimeBound? {
        guard let text = try text(name) else { return nil }
        if let boot = BootName(bound: text) { return .boot(boot) }
        guard let time = Timestamp(text) else {
            throw Problem(
                .badRequest, "\(name)=\(text) is no time.",
                hint:
                    "Write it as ISO 8601 from year 0000 to 9999: 2026-11-23T03:12:00.000000Z, or with an offset such as "
                    + "+01:00 (a plus sign is %2B in a URL); without either it is in UTC. Or name a boot: boot:8f3a01c2."
            )
        }
        return .time(time)
    }

    func number(_ name: String, _ range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw Problem(
                .badRequest, "\(name)=\(text) is out of range.",
                hint: "It must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// A frame of the current boot, where the request names one instead of the bound that is in `time`.
    /// - Parameter first: 0 where a range may begin before the first frame, 1 where the frame itself is meant.
    func sequence(_ name: String, insteadOf time: String, from first: Int64 = 0) throws -> Moment? {
        guard let number = try number(name, first...Int64(UInt32.max)) else { return nil }
        guard try text(time) == nil else {
            throw Problem(.badRequest, "Both \(time) and \(name) are given.", hint: "Leave one of them away.")
        }
        return .sequence(UInt32(clamping: number))
    }
}
