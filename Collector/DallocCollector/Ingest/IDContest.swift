// SPDX-License-Identifier: Apache-2.0
//
// Who may speak for one device id when several peers want to. A device that moves or starts anew displaces its older connection, once.
// Peers that displace each other in turn are several devices with one id: then the one whose boot the history has known longest stays,
// and the others are refused, for longer and longer.

internal import NIOCore

struct IDContest {
    /// A peer that greets with the id. A device that only connects again is the same party.
    struct Party: Hashable, Sendable {
        /// Without the port.
        var address: String
        var boot: UInt32
    }

    enum Verdict: Equatable {
        case admit
        case refuse
    }

    private struct Seat {
        /// When another party took its place; nil when none did.
        var displaced: NIODeadline?
        /// The row of its boot: lower is older. Until it is known, the party is the youngest.
        var row = Int64.max
        var holdOff: TimeAmount = .zero
        var refusedUntil: NIODeadline?
    }

    private var seats: [Party: Seat] = [:]
    /// When parties that had been displaced came back and displaced others.
    private var returns: [NIODeadline] = []
    private(set) var lastEvent: NIODeadline
    /// The party that stays; nil while this may still be one device.
    private(set) var owner: Party?

    /// This many returns within a minute are no coincidence: the third displacement between the same two is the second return.
    private static let returnsOfTwins = 2
    private static let window = TimeAmount.seconds(60)
    /// Three times the default interval of reports: a connection that has been silent for longer may be dead.
    private static let silence = TimeAmount.seconds(30)
    private static let firstHoldOff = TimeAmount.seconds(10)
    private static let longestHoldOff = TimeAmount.minutes(10)
    /// A contest is forgotten when nothing has happened for this long.
    private static let memory = TimeAmount.minutes(30)
    private static let mostParties = 16

    init(at now: NIODeadline) {
        lastEvent = now
    }

    /// Parties that are remembered.
    var partyCount: Int { seats.count }

    func isOver(at now: NIODeadline) -> Bool { now - lastEvent > Self.memory }

    /// The boot of a party that was admitted is entered.
    mutating func note(_ party: Party, row: Int64) {
        seats[party]?.row = row
        // The party that has been known longer has more to lose.
        if let owner, seats[party]?.row ?? .max < seats[owner]?.row ?? .max { self.owner = party }
    }

    /// A party greets while no other holds the id.
    func isHeldOff(_ party: Party, at now: NIODeadline) -> Bool {
        owner != nil && owner != party && seats[party]?.refusedUntil ?? .distantPast > now
    }

    /// Seconds for which a party is not listened to yet.
    func holdOff(of party: Party, at now: NIODeadline) -> Int64 {
        guard let until = seats[party]?.refusedUntil, until > now else { return 0 }
        return (until - now).nanoseconds / 1_000_000_000
    }

    /// A party greets while another one holds the id.
    /// - Parameters:
    ///   - rows: of the boots of the two, as far as they are known.
    ///   - heard: when something was heard of the holder.
    mutating func decide(
        _ party: Party, against holder: Party, holderRow: Int64?, heard: NIODeadline, at now: NIODeadline
    ) -> Verdict {
        lastEvent = now
        if let holderRow { seats[holder, default: Seat()].row = holderRow }
        forget(at: now)
        if owner == nil {
            let isReturn = seats[party]?.displaced.map { now - $0 <= Self.window } ?? false
            if isReturn { returns.append(now) }
            if returns.count < Self.returnsOfTwins {
                seats[holder, default: Seat()].displaced = now
                seats[party] = seats[party] ?? Seat()
                return .admit
            }
            owner = [party, holder].min { seats[$0]?.row ?? .max < seats[$1]?.row ?? .max } ?? holder
        }
        guard party != owner else { return .admit }
        if seats[party]?.refusedUntil ?? .distantPast > now { return .refuse }
        guard holder == owner, now - heard <= Self.silence else {
            // The party that was to stay has gone.
            owner = party
            return .admit
        }
        var seat = seats[party] ?? Seat()
        seat.holdOff = min(max(Self.firstHoldOff, seat.holdOff * 2), Self.longestHoldOff)
        seat.refusedUntil = now + seat.holdOff
        seats[party] = seat
        return .refuse
    }

    private mutating func forget(at now: NIODeadline) {
        returns.removeAll { now - $0 > Self.window }
        guard seats.count > Self.mostParties else { return }
        // Forgets the youngest, because parties can be invented.
        let kept = seats.sorted { $0.value.row < $1.value.row }.prefix(Self.mostParties / 2)
        seats = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }
}
