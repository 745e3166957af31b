// SPDX-License-Identifier: Apache-2.0
//
// Where the boots of a device begin and end in time, as far as one of its heaps is known.

internal import GRDB
public import HeapHistory

extension HistoryQuery {
    /// The moment of the heap's first report in a boot, or that after its last. The boot that still runs ends now.
    /// - Throws: ``Problem`` when there is no such device or heap, or nothing of it is known in such a boot.
    public func time(_ bound: TimeBound, _ edge: TimeBound.Edge, device: String, heap: String?) async throws
        -> Timestamp
    {
        switch bound {
        case .time(let time): return time
        case .boot(let name):
            return try await read(device, heap) { _, selection in try selection.time(of: name, edge) }
        }
    }

    /// The same for questions that also know frames. Nil for no bound.
    func moment(
        _ bound: TimeBound?, _ edge: TimeBound.Edge, device: String, heap: String?
    ) async throws -> Moment? {
        guard let bound else { return nil }
        return .time(try await time(bound, edge, device: device, heap: heap))
    }

    /// Both ends of a range.
    /// - Parameters:
    ///   - until: nil for now.
    ///   - length: microseconds, where the beginning is not given.
    func range(
        _ since: TimeBound?, _ until: TimeBound?, device: String, heap: String?, length: Int64
    ) async throws -> (since: Timestamp, until: Timestamp) {
        let end = try await time(until ?? .time(.now), .end, device: device, heap: heap)
        let standard = TimeBound.time(end.later(byMicroseconds: Int64.zero.subtractingClamped(length)))
        return (try await time(since ?? standard, .beginning, device: device, heap: heap), end)
    }
}

extension HeapSelection {
    fileprivate func time(of name: BootName, _ edge: TimeBound.Edge) throws -> Timestamp {
        guard let rows = name.ids.lazy.map({ run(ofBoot: $0) }).first(where: { !$0.isEmpty }) else {
            throw Problem(
                .notFound, "The heap \(current.name) of \(device) has no boot \(name).",
                hint: "The latest is \(latest).")
        }
        guard let first = rows.lazy.compactMap(\.firstTime).min(), let last = rows.lazy.compactMap(\.lastTime).max()
        else {
            throw Problem(
                .notFound, "Nothing of the heap \(current.name) of \(device) has come in boot \(name).",
                hint: "Its first report may be under way: ask again in a moment.")
        }
        switch edge {
        case .beginning: return first
        case .end: return rows.contains { isOfLatestBoot($0) } ? max(.now, last) : last.later(byMicroseconds: 1)
        }
    }

    /// The last run with a boot id. A step of the collector's clock splits one into rows.
    private func run(ofBoot boot: UInt32) -> [HeapRow] {
        var run: [HeapRow] = []
        for row in rows where row.boot == boot {
            if let before = run.last, before.bootRowID != row.bootRowID, !row.isClosed { break }
            run.append(row)
        }
        return run
    }

    private var latest: String {
        var boots: [String] = []
        for row in rows {
            let name = String(row.boot, radix: 16)
            let boot = String(repeating: "0", count: 8 - name.count) + name
            if boots.last != boot { boots.append(boot) }
        }
        return boots.prefix(5).joined(separator: ", then ")
    }
}
