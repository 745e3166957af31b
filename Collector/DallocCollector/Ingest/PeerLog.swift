// SPDX-License-Identifier: Apache-2.0
//
// Logs events of peers. A peer can cause them as fast as it likes, so each kind of line has a budget for each address, and one for
// all addresses together. Further lines are counted, and one line a minute says how many there were.

internal import Logging
internal import NIOCore
internal import Synchronization

final class PeerLog: Sendable {
    private struct Key: Hashable {
        var kind: String
        /// Nil: of all addresses.
        var address: String?
    }

    private struct Budget {
        let start: NIODeadline
        let level: Logger.Level
        var written = 0
        var leftOut = 0
    }

    private static let window = TimeAmount.seconds(60)
    /// Log lines of a kind in a window, for one address and for all.
    private static let perAddress = 5
    private static let perKind = 200
    /// Budgets that are kept apart; further addresses share one.
    private static let mostBudgets = 2000

    private let logger: Logger
    private let budgets = Mutex<[Key: Budget]>([:])

    init(logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - kind: what the budget is for, if not for this message.
    ///   - address: of the peer, without its port.
    func note(
        _ level: Logger.Level, _ message: String, kind: String? = nil, address: String, at now: NIODeadline = .now(),
        _ metadata: @autoclosure () -> Logger.Metadata
    ) {
        guard level >= logger.logLevel, take(kind ?? message, address, level, now) else { return }
        logger.log(level: level, "\(message)", metadata: metadata())
    }

    /// Logs what is too frequent for any level but debug.
    func debug(_ message: String, _ metadata: @autoclosure () -> Logger.Metadata) {
        logger.debug("\(message)", metadata: metadata())
    }

    private func take(_ kind: String, _ address: String, _ level: Logger.Level, _ now: NIODeadline) -> Bool {
        budgets.withLock { budgets in
            let all = Key(kind: kind, address: nil)
            guard budgets[all]?.written ?? 0 < Self.perKind else {
                budgets[all]?.leftOut += 1
                return false
            }
            var one = Key(kind: kind, address: address)
            if budgets[one] == nil, budgets.count >= Self.mostBudgets { one.address = "others" }
            if budgets[one]?.written ?? 0 >= Self.perAddress {
                budgets[one]?.leftOut += 1
                return false
            }
            for key in [all, one] { budgets[key, default: Budget(start: now, level: level)].written += 1 }
            return true
        }
    }

    /// Logs how many lines were left out in windows that are over. Call it about every second.
    func summarise(at now: NIODeadline = .now()) {
        summarise { now - $0 >= Self.window }
    }

    /// Logs how many lines have been left out until now.
    func summariseAll() {
        summarise { _ in true }
    }

    private func summarise(_ isOver: (NIODeadline) -> Bool) {
        let over = budgets.withLock { budgets in
            let over = budgets.filter { isOver($0.value.start) }
            for key in over.keys { budgets[key] = nil }
            return over.filter { $0.value.leftOut > 0 }
        }
        for (key, budget) in over {
            var metadata: Logger.Metadata = ["line": "\(key.kind)", "count": "\(budget.leftOut)"]
            if let address = key.address { metadata["peer.address"] = "\(address)" }
            logger.log(level: budget.level, "lines were left out: there were too many of them", metadata: metadata)
        }
    }
}
