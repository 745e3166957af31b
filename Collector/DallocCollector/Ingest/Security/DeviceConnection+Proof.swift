// SPDX-License-Identifier: Apache-2.0
//
// Whether a peer may speak for the device that it says it is. Not inlined: see DeviceConnection.

internal import Logging
internal import NIOCore

extension DeviceConnection {
    /// What is wrong with who the peer says that it is; nil when it may speak for the device.
    @inline(never)
    func missingProof(of device: String) -> String? {
        // Who stores a recording may write to the database.
        if tally?.isRecording ?? false { return nil }
        let identity = line.identity
        if line.hasTLS, identity == .unproved { return "its handshake has proved nothing" }
        guard !identity.maySpeak(for: device, provedBefore: context.history.proof(of: device)) else { return nil }
        return switch identity {
        case .unproved: "this device has proved who it is before, and comes without a proof now"
        case .certificate: "the peer's certificate does not have the device's id among its names"
        case .key(let other): "the peer has the key of \(other)"
        }
    }

    @inline(never)
    func noteUnproved(_ device: String, _ cause: String) {
        context.log.note(
            .warning, "a device was turned away", kind: "no proof", address: line.address,
            ["device.id": "\(device)", "peer": "\(peer)", "reason": "\(cause)"])
    }

    /// These are the first bytes of a TLS connection, where none is spoken.
    @inline(never)
    func speaksTLS(_ chunk: ByteBuffer) -> Bool {
        guard !isPatient, tally == nil, !line.hasTLS, chunk.readableBytesView.starts(with: [22, 3]) else {
            return false
        }
        context.metrics.failedHandshakes.add(.plainPort)
        context.log.note(
            .warning, "a peer speaks TLS on the plain port", address: line.address,
            ["peer": "\(peer)", "hint": "let it connect to the port of --listen-tls or --listen-psk"])
        return true
    }
}
