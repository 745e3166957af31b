// SPDX-License-Identifier: Apache-2.0

internal import CDalloc
internal import Synchronization

/// What the allocator says through dalloc_debug, kept off the terminal and readable by the test that caused it.
enum Messages {
    /// Tests run at the same time; each one hears its own messages, in its own task.
    @TaskLocal private static var inbox: Inbox?

    private final class Inbox: Sendable {
        let texts = Mutex<[String]>([])
        let answer: @Sendable () -> Void

        init(_ answer: @escaping @Sendable () -> Void) { self.answer = answer }
    }

    private static let installed: Void = dalloc_port_set_sink { function, message, number in
        guard let function, let message, let inbox = Messages.inbox else { return }
        let text = "\(String(cString: function)): \(String(cString: message)) \(number)"
        inbox.texts.withLock { $0.append(text) }
        inbox.answer()
    }

    /// Drops messages that no test listens to.
    static func keepOffTheTerminal() {
        installed
    }

    /// The messages that `body` causes.
    /// - Parameter answer: what the program does at each of them.
    static func from(_ body: () -> Void, answer: @escaping @Sendable () -> Void = {}) -> [String] {
        keepOffTheTerminal()
        let inbox = Inbox(answer)
        $inbox.withValue(inbox, operation: body)
        return inbox.texts.withLock { $0 }
    }
}
