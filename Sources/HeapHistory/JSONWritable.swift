// SPDX-License-Identifier: Apache-2.0

public protocol JSONWritable {
    /// Writes an object with its keys in the order of the alphabet.
    func write(to json: inout JSONWriter)
}
