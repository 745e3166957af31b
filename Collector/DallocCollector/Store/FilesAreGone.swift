// SPDX-License-Identifier: Apache-2.0
//
// A file of the database was removed or replaced: what is written now is lost.

struct FilesAreGone: Error, CustomStringConvertible {
    let name: String

    var description: String { "\(name) was removed or replaced while the collector used it." }
}
