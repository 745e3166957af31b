// SPDX-License-Identifier: Apache-2.0
//
// Which connection speaks for which device. A device that connects again, because its old connection is half open or because it moved,
// displaces the old connection; the new one waits until the old one has stored what it had. Of several devices that share an id, one stays.

internal import HeapHistory
internal import Logging
internal import NIOCore

actor DeviceRegistry {
    struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Claim {
        let token: Token
        let line: Line
        let party: IDContest.Party
        /// The row of its boot, once that is entered.
        var row: Int64?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private var claims: [String: Claim] = [:]
    /// Devices that are being removed: they wait.
    private var reserved: [String: (token: Token, waiting: [CheckedContinuation<Void, Never>])] = [:]
    private var contests: [String: IDContest] = [:]
    private var lastToken: UInt64 = 0
    private let log: PeerLog
    private let history: any DeviceHistory

    /// Contests that are followed at a time.
    private static let mostContests = 4096

    init(log: PeerLog, history: any DeviceHistory) {
        (self.log, self.history) = (log, history)
    }

    func makeToken() -> Token {
        lastToken &+= 1
        return Token(number: lastToken)
    }

    /// Returns when `token` is the only one that speaks for `device`; its line is closed when another one comes. False when the line
    /// was closed because another connection speaks for the device, and stays.
    func claim(_ device: String, boot: UInt32, token: Token, line: Line) async -> Bool {
        let party = IDContest.Party(address: line.address, boot: boot)
        if claims[device] == nil, contests[device]?.isHeldOff(party, at: .now()) ?? false {
            refuse(device, party, line, nil)
            return false
        }
        while reserved[device] != nil { await withCheckedContinuation { reserved[device]?.waiting.append($0) } }
        var displaced: Token?
        while let claim = claims[device], claim.token != token {
            // It may take a while to store what it has; it is closed once.
            if claim.token != displaced {
                // A frozen proxy delivers connections that devices have given up: they must not displace a living one.
                guard !line.hasPeerLeft else {
                    line.close(.displaced)
                    return false
                }
                // A device that posts while it is connected loses nothing: the body is turned away, and may come again.
                guard !line.isBody else {
                    line.close(.elsewhere)
                    return false
                }
                guard claim.line.isBody || admits(party, of: device, over: claim) else {
                    refuse(device, party, line, claim)
                    return false
                }
                displace(claim, of: device, by: line)
                displaced = claim.token
            }
            await withCheckedContinuation { claims[device]?.waiting.append($0) }
        }
        claims[device] = Claim(token: token, line: line, party: party)
        return true
    }

    private func admits(_ party: IDContest.Party, of device: String, over claim: Claim) -> Bool {
        guard claim.party != party, !claim.line.hasPeerLeft else { return true }
        let now = NIODeadline.now()
        if contests.count >= Self.mostContests { contests = contests.filter { !$0.value.isOver(at: now) } }
        if contests[device]?.isOver(at: now) ?? false { contests[device] = nil }
        guard contests[device] != nil || contests.count < Self.mostContests else { return true }
        return contests[device, default: IDContest(at: now)].decide(
            party, against: claim.party, holderRow: claim.row, heard: claim.line.lastHeard, at: now) == .admit
    }

    /// The boot that a device greeted with is entered: `row` is its row.
    func note(_ device: String, token: Token, row: Int64) {
        guard let claim = claims[device], claim.token == token else { return }
        claims[device]?.row = row
        contests[device]?.note(claim.party, row: row)
    }

    /// Keeps a device away until it is released: a connection that greets for it waits. Nil when it is connected.
    func reserve(_ device: String) -> Token? {
        guard claims[device] == nil, reserved[device] == nil else { return nil }
        let token = makeToken()
        reserved[device] = (token, [])
        return token
    }

    @inline(never)
    private func displace(_ claim: Claim, of device: String, by line: Line) {
        log.note(
            .warning, "a device connected again: its older connection is closed", address: line.address,
            ["device.id": "\(device)", "peer": "\(line.peer)", "peer.older": "\(claim.line.peer)"])
        claim.line.close(.displaced)
    }

    @inline(never)
    private func refuse(_ device: String, _ party: IDContest.Party, _ line: Line, _ holder: Claim?) {
        let other = holder.map { "\($0.line.peer) (boot \($0.party.boot))" } ?? "another one"
        history.warn(
            device,
            DeviceWarning(
                .idConflict,
                "Two devices have this id: \(other), which is listened to, and \(line.peer) (boot \(party.boot)), which is "
                    + "refused. Give each an id of its own."), at: .now)
        log.note(
            .warning, "two devices have the same id: one of them is refused", kind: "id conflict", address: device,
            ["device.id": "\(device)", "peer": "\(line.peer)", "peer.older": "\(holder?.line.peer ?? "")"])
        line.close(.twin, wait: contests[device]?.holdOff(of: party, at: .now()) ?? 0)
    }

    /// The connection is over, and all that it brought is stored.
    func release(_ device: String, token: Token) {
        if let reservation = reserved[device], reservation.token == token {
            reserved[device] = nil
            for waiting in reservation.waiting { waiting.resume() }
        }
        guard let claim = claims[device], claim.token == token else { return }
        claims[device] = nil
        for waiting in claim.waiting { waiting.resume() }
    }

    // MARK: How much devices are to tell

    /// Tells a device that is connected what is wanted of it. All of that is said here, one after the other: the last word is the latest
    /// wish.
    func tellDetail(to device: String) {
        guard let line = claims[device]?.line, let detail = history.detail(of: device) else { return }
        line.tell(detail.level, to: device)
    }

    /// False when the device is connected, and does not offer to tell less.
    func mayBeTold(_ device: String) -> Bool { claims[device]?.line.canSummarize(device) ?? true }

    func detail(of device: String) -> DeviceDetail {
        let (detail, line) = (history.detail(of: device), claims[device]?.line)
        return DeviceDetail(
            device: device, detail: detail, connected: line != nil,
            told: detail != nil && line?.level(of: device) == detail?.level)
    }

    func isConnected(_ device: String) -> Bool { claims[device] != nil }

    /// The devices that are connected now.
    var connected: Set<String> { Set(claims.keys) }
}
