// SPDX-License-Identifier: Apache-2.0
//
// A view that is drawn again and again until Ctrl-C, on the terminal's second screen, so that the first one is found
// as it was.

import CommandSupport
import Dispatch
import Foundation

struct LiveView {
    var interval: Duration
    var color: ColorChoice

    // The second screen, no cursor, and no wrapping: a line that is too long must not push the others up, whatever the
    // terminal thinks of its width.
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
    private static let leave = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    /// Returns after SIGINT or SIGTERM. Throws only when the first drawing fails: later on, a collector that is away
    /// is said on the screen, and asked again.
    func run(_ draw: @escaping @Sendable (Screen) async throws -> Rendering) async throws {
        // Listening first: a Ctrl-C while the first answer is on its way ends the command with 0, too.
        let (interruptions, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = Self.interruptions(continuation)
        defer { for source in sources { source.cancel() } }
        try await withThrowingTaskGroup { group in
            group.addTask { for await _ in interruptions { return } }
            group.addTask { try await redraw(draw) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func redraw(_ draw: (Screen) async throws -> Rendering) async throws {
        var rendering: Rendering
        do {
            rendering = try await draw(Screen.standardOutput(color: color))
        } catch {
            if Task.isCancelled { return }
            throw error
        }
        let screen = Screen.standardOutput(color: color)
        let ownsScreen = screen.isTerminal && !screen.isDumb
        if ownsScreen { try StandardStream.write(Self.enter) }
        defer { if ownsScreen { try? StandardStream.write(Self.leave) } }
        var trouble: String?
        while !Task.isCancelled {
            try StandardStream.write(
                Self.frame(of: rendering, trouble: trouble, on: Screen.standardOutput(color: color)))
            try? await Task.sleep(for: interval)
            do {
                rendering = try await draw(Screen.standardOutput(color: color))
                trouble = nil
            } catch let failure as CommandFailure {
                trouble = failure.description
            } catch {
                if Task.isCancelled { return }
                throw error
            }
        }
    }

    /// The bytes that put a rendering on the screen, without a moment in which the screen is empty.
    static func frame(of rendering: Rendering, trouble: String?, on screen: Screen) -> String {
        var lines = rendering.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        lines += rendering.remarks
        let footer = trouble.map { "Not up to date: \($0)".wrapped(to: screen.columns).components(separatedBy: "\n") }
        guard screen.isTerminal, !screen.isDumb else {
            return screen.spelling((lines + (footer ?? [""])).joined(separator: "\n") + "\n")
        }
        let room = max(1, screen.rows - 1 - (footer?.count ?? 1))
        if lines.count > room {
            let hidden = lines.count - room + 1
            lines = lines.prefix(room - 1) + [screen.paint("… \(hidden) more lines than fit here", .dim)]
        }
        lines = lines.map { $0.cut(to: screen.columns) }
        lines += [""] + (footer?.map { screen.paint($0, .red) } ?? [screen.paint("Ctrl-C ends", .dim)])
        // On the smallest screens, too, nothing may scroll.
        lines = Array(lines.prefix(max(1, screen.rows)))
        let clearRest = "\u{1B}[K"
        return "\u{1B}[H" + screen.spelling(lines.joined(separator: clearRest + "\r\n")) + clearRest + "\u{1B}[J"
    }

    /// Yields to `continuation` at each SIGINT and SIGTERM, as long as the sources are kept.
    private static func interruptions(
        _ continuation: AsyncStream<Void>.Continuation
    ) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            // The default action would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }
}
