// SPDX-License-Identifier: Apache-2.0
//
// How devices prove who they are, on the command line.

internal import CommandSupport
internal import ArgumentParser
internal import DallocCollector

struct SecurityOptions: ParsableArguments {
    @Flag(
        help:
            "Let devices connect over plain TCP from other machines, too. Whoever is on the way can read and change what they report."
    )
    var allowPlaintext = false

    @Option(
        help: ArgumentHelp(
            """
            Where devices connect with TLS 1.3 and a certificate, which must have the device's id among its DNS names or URIs. Needs \
            --tls-certificate, --tls-key and --tls-client-ca.
            """, valueName: "host:port"))
    var listenTls: Endpoint?

    @Option(help: ArgumentHelp("The collector's certificate, and those up to the root, in PEM.", valueName: "path"))
    var tlsCertificate: String?

    @Option(help: ArgumentHelp("Its private key, in PEM.", valueName: "path"))
    var tlsKey: String?

    @Option(help: ArgumentHelp("Who signs the devices' certificates: certificates in PEM.", valueName: "path"))
    var tlsClientCa: String?

    @Option(
        help: ArgumentHelp(
            """
            Where devices connect with TLS 1.2 and a pre-shared key, whose identity is the device's id. For devices that can't afford \
            certificates. Needs --psk-keys.
            """, valueName: "host:port"))
    var listenPsk: Endpoint?

    @Option(
        help: ArgumentHelp(
            "The devices' keys: lines `DEVICE:KEY`, the key as 32 to 128 hexadecimal digits. Only its owner may read the file.",
            valueName: "path"))
    var pskKeys: String?

    func validate() throws {
        let files = [tlsCertificate, tlsKey, tlsClientCa]
        if listenTls != nil, files.contains(nil) {
            throw ValidationError("--listen-tls needs --tls-certificate, --tls-key and --tls-client-ca.")
        }
        if listenTls == nil, files.contains(where: { $0 != nil }) {
            throw ValidationError(
                "--tls-certificate, --tls-key and --tls-client-ca are for --listen-tls, which is not given.")
        }
        if (listenPsk == nil) != (pskKeys == nil) {
            throw ValidationError("--listen-psk and --psk-keys need each other.")
        }
    }

    var certificateLink: CollectorConfiguration.CertificateLink? {
        guard let listenTls, let tlsCertificate, let tlsKey, let tlsClientCa else { return nil }
        return CollectorConfiguration.CertificateLink(
            listen: CollectorConfiguration.Endpoint(host: listenTls.host, port: Int(listenTls.port)),
            files: CertificateFiles(
                certificate: tlsCertificate, key: tlsKey, clientCA: tlsClientCa))
    }

    var keyLink: CollectorConfiguration.KeyLink? {
        guard let listenPsk, let pskKeys else { return nil }
        return CollectorConfiguration.KeyLink(
            listen: CollectorConfiguration.Endpoint(host: listenPsk.host, port: Int(listenPsk.port)), keys: pskKeys)
    }
}
