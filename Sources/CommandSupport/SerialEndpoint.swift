// SPDX-License-Identifier: Apache-2.0
//
// PATH[:BAUD] as people write it: /dev/ttyUSB0, /dev/ttyUSB0:9600.

public import ArgumentParser

public struct SerialEndpoint: Equatable, Sendable {
    public let path: String
    /// Bits a second; 115200 unless the text says otherwise.
    public let baud: UInt32

    public init(path: String, baud: UInt32 = 115_200) {
        (self.path, self.baud) = (path, baud)
    }

    /// Nil without a path.
    public init?(_ text: String) {
        var (path, baud) = (Substring(text), UInt32(115_200))
        if let colon = text.lastIndex(of: ":"), let number = UInt32(text[text.index(after: colon)...]) {
            (path, baud) = (text[..<colon], number)
        }
        guard !path.isEmpty else { return nil }
        self.init(path: String(path), baud: baud)
    }
}

extension SerialEndpoint: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
