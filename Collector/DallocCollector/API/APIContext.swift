// SPDX-License-Identifier: Apache-2.0
//
// What the API knows of a request beside the request.

internal import Hummingbird
internal import NIOCore

struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// It comes from this machine.
    var isLocal: Bool {
        switch channel.remoteAddress {
        case .v4, .v6: HostNames.isLoopback(channel.remoteAddress?.ipAddress ?? "")
        case .unixDomainSocket: true
        case nil: false
        }
    }
}
