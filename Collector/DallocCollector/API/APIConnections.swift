// SPDX-License-Identifier: Apache-2.0
//
// All connections to the API. Their number is limited, so that descriptors stay for devices.

internal import Logging
internal import NIOCore
internal import Synchronization

final class APIConnections: Sendable {
    fileprivate struct State {
        var connections: [ObjectIdentifier: APIConnection] = [:]
        var surplus = 0
        var lastWarning: NIODeadline?
    }

    let limits: APILimits
    let metrics = APIMetrics()
    private let state = Mutex(State())
    private let logger: Logger

    /// Connections beyond the limit that are answered; what comes beyond them is closed at once.
    private static let mostSurplus = 16

    init(limits: APILimits, logger: Logger) {
        (self.limits, self.logger) = (limits, logger)
    }

    /// Enters a new connection. Nil when it is to be closed.
    func enter(_ channel: any Channel) -> APIConnection? {
        let (connection, displaced, isNews) = state.withLock { state -> (APIConnection?, APIConnection?, Bool) in
            var displaced: APIConnection?
            if state.connections.count - state.surplus >= limits.connections {
                displaced = state.connections.values.lazy.filter { !$0.isSurplus && $0.isWaiting }
                    .min { $0.waitsSince < $1.waitsSince }
                if let displaced { state.remove(displaced.channel) }
            }
            let isFull = state.connections.count - state.surplus >= limits.connections
            let isNews = isFull && state.lastWarning.map { .now() - $0 > .seconds(10) } ?? true
            if isNews { state.lastWarning = .now() }
            guard !isFull || state.surplus < Self.mostSurplus else { return (nil, nil, isNews) }
            let connection = APIConnection(channel, isSurplus: isFull)
            state.connections[ObjectIdentifier(channel)] = connection
            if isFull { state.surplus += 1 }
            return (connection, displaced, isNews)
        }
        if let displaced {
            metrics.cut.add(.displaced)
            displaced.channel.close(promise: nil)
        }
        metrics.opened.add()
        if connection == nil {
            metrics.refused.add(.closed)
        } else if connection?.isSurplus == true {
            metrics.refused.add(.told)
        }
        if isNews {
            logger.warning(
                "connections to the API are turned away: all of them are busy",
                metadata: ["connections": "\(limits.connections)"])
        }
        if connection != nil {
            channel.closeFuture.whenComplete { _ in self.state.withLock { $0.remove(channel) } }
        }
        return connection
    }

    func connection(of channel: any Channel) -> APIConnection? {
        state.withLock { $0.connections[ObjectIdentifier(channel)] }
    }

    /// Open ones.
    var count: Int { state.withLock { $0.connections.count } }

    var all: [APIConnection] { state.withLock { Array($0.connections.values) } }
}

extension APIConnections.State {
    fileprivate mutating func remove(_ channel: any Channel) {
        guard let connection = connections.removeValue(forKey: ObjectIdentifier(channel)) else { return }
        if connection.isSurplus { surplus -= 1 }
    }
}
