// SPDX-License-Identifier: Apache-2.0
//
// Reads certificates and keys again at SIGHUP, and closes the connections of devices whose key is gone.

internal import Logging

struct Reload: Sendable {
    let links: [SecureLinks]
    let connections: ConnectionTable
    let logger: Logger

    func run() {
        for link in links {
            do {
                let revoked = try link.reload()
                let closed = connections.closeAll(.notAuthorised) { line in
                    if case .key(let identity) = line.identity { revoked.contains(identity) } else { false }
                }
                logger.notice(
                    "keys and certificates were read again",
                    metadata: ["port": "\(link.name)", "revoked": "\(revoked.count)", "closed": "\(closed)"])
            } catch {
                logger.error(
                    "keys and certificates can't be read: those from before stay in use",
                    metadata: ["port": "\(link.name)", "error": "\(error)"])
            }
        }
    }
}
