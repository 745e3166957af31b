// SPDX-License-Identifier: Apache-2.0
//
// Why a frame can't be imported.

public struct ImportFailure: Error, CustomStringConvertible {
    let event: String

    public var description: String { "A collector would not store this frame: \(event)." }
}
