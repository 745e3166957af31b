// Which connection speaks for which device. A device that connects again, because its old connection is half open or because two
// devices share an id, displaces the old connection; the new one waits until the old one has stored what it had.

internal import Logging

actor DeviceRegistry {
    struct Token: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct Claim {
        let token: Token
        /// Nil while the device is being removed.
        let line: Line?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private var claims: [String: Claim] = [:]
    private var lastToken: UInt64 = 0
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func makeToken() -> Token {
        lastToken += 1
        return Token(number: lastToken)
    }

    /// Returns when `token` is the only one that speaks for `device`. Its line is closed when another one comes.
    func claim(_ device: String, token: Token, line: Line) async {
        while let claim = claims[device], claim.token != token {
            displace(claim, of: device, by: line)
            await withCheckedContinuation { claims[device]?.waiting.append($0) }
        }
        claims[device] = Claim(token: token, line: line)
    }

    /// Keeps a device away until it is released: who greets for it waits. Nil when it is connected.
    func reserve(_ device: String) -> Token? {
        guard claims[device] == nil else { return nil }
        let token = makeToken()
        claims[device] = Claim(token: token, line: nil)
        return token
    }

    @inline(never)
    private func displace(_ claim: Claim, of device: String, by line: Line) {
        guard let older = claim.line else { return }
        logger.warning(
            "a device connected again: its older connection is closed",
            metadata: ["device.id": "\(device)", "peer": "\(line.peer)", "peer.older": "\(older.peer)"])
        older.close(.displaced)
    }

    /// The connection is over, and all that it brought is stored.
    func release(_ device: String, token: Token) {
        guard let claim = claims[device], claim.token == token else { return }
        claims[device] = nil
        for waiting in claim.waiting { waiting.resume() }
    }

    /// The devices that are connected now.
    var connected: Set<String> { Set(claims.lazy.filter { $0.value.line != nil }.map(\.key)) }
}
