// SPDX-License-Identifier: Apache-2.0
//
// What an agent calls a device, a build or a heap, without a copy of it.

/// A text that stays where it is: a literal, or a C string of the caller's.
public struct AgentName: ExpressibleByStringLiteral {
    let start: UnsafePointer<CChar>

    public init(stringLiteral text: StaticString) {
        start = cString(text)
    }

    /// - Parameter text: ends with a zero, and stays valid and unchanged for as long as the agent lives.
    public init(unsafe text: UnsafePointer<CChar>) {
        start = text
    }
}

/// A literal as C sees it; the implicit conversion would make a String, and allocate.
func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
