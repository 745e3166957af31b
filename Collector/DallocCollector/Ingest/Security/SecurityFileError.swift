// SPDX-License-Identifier: Apache-2.0
//
// A certificate, a key or a list of keys that can't be used.

struct SecurityFileError: Error, CustomStringConvertible {
    let path: String
    let cause: String

    var description: String { "\(path): \(cause)" }
}
