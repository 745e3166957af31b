// SPDX-License-Identifier: Apache-2.0
//
// Who a line belongs to, as far as that is proved.

enum PeerIdentity: Equatable, Sendable {
    /// Nothing is proved: a plain connection, a serial line, a body.
    case unproved
    /// The DNS names and URIs of a certificate that was verified.
    case certificate(names: Set<String>)
    /// The identity whose pre-shared key the peer has.
    case key(identity: String)

    /// How it was proved; nil where it was not.
    var proof: DeviceProof? {
        switch self {
        case .unproved: nil
        case .certificate: .certificate
        case .key: .key
        }
    }

    /// - Parameter proof: what the device has proved itself by before; then nobody without a proof speaks for it.
    func maySpeak(for device: String, provedBefore proof: DeviceProof?) -> Bool {
        switch self {
        case .unproved: proof == nil
        case .certificate(let names): names.contains(device)
        case .key(let identity): identity == device
        }
    }
}
