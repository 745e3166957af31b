// SPDX-License-Identifier: Apache-2.0
//
// What a connection has to say to people of its device.

internal import HeapHistory
internal import NIOCore
internal import HeapWire
internal import Logging

extension DeviceConnection {
    /// Warns that the device's clock stands, or that it goes again.
    @inline(never)
    func note(_ finding: ClockWatch.Finding) {
        guard let device = session.device else { return }
        switch finding {
        case .goes: context.history.clearWarning(.clockStands, of: device)
        case .stands(let counted, let passed):
            let seconds = (Double(counted / 1000) / 1000, passed / 1_000_000)
            context.history.warn(
                device,
                DeviceWarning(
                    .clockStands,
                    "The device's clock stands while it works: it counted \(seconds.0) s in \(seconds.1) s, and times of what it "
                        + "did are wrong. Give the agent a clock that goes on while the device sleeps."),
                at: .now)
            context.metrics.standingClocks.add()
            context.log.note(
                .warning, "a device's clock stands while it works", kind: "clock stands", address: device,
                ["device.id": "\(device)", "peer": "\(peer)", "counted": "\(seconds.0) s", "passed": "\(seconds.1) s"])
        }
    }

    @inline(never)
    func tell(_ opened: OpenedBoot, _ hello: DeviceHello) {
        let metadata: Logger.Metadata = [
            "device.id": "\(hello.device)", "device.build": "\(hello.build)", "boot": "\(hello.boot)",
            "peer": "\(peer)",
        ]
        context.log.note(.info, "a device greeted", address: line.address, metadata)
        if opened.isNewRun {
            context.log.note(
                .warning,
                "a device has started over with the boot id that it had: give it another one after every reset",
                address: line.address, metadata.merging(["run": "\(opened.run)"]) { $1 })
        }
    }

    @inline(never)
    func end(after error: any Error) -> ConnectionEnd {
        let isOfPeer = error is ChannelError || error is IOError
        if !isUnheard || !isOfPeer {
            context.log.note(
                .info, "a connection failed", address: line.address, ["peer": "\(peer)", "error": "\(error)"])
        }
        return isOfPeer ? .peer : .failed
    }

    @inline(never)
    func finish(_ end: ConnectionEnd) {
        let isOurs = line.end == nil
        let end = line.end ?? (line.hasFailedHandshake ? .handshake : end == .peer && isUnheard ? .probe : end)
        if isOurs, let refusal = end.refusal { line.refuse(refusal, isLast: true) }
        if let device = session.device {
            context.log.note(
                .info, "a device disconnected", address: line.address,
                ["device.id": "\(device)", "peer": "\(peer)", "reason": "\(end.words)"])
        } else {
            context.log.debug("a connection ended", ["peer": "\(peer)", "reason": "\(end.words)"])
        }
        context.metrics.closedConnections.add(end)
    }
}
