// SPDX-License-Identifier: Apache-2.0
//
// A TCP port that nobody listens on now.

func freePort() throws -> Int {
    let listener = try Socket()
    defer { listener.close() }
    return try listener.bindAnywhere()
}
