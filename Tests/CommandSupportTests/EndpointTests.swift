// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import Testing

struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:7420", Endpoint(host: "127.0.0.1", port: 7420)), ("[::1]:0", Endpoint(host: "::1", port: 0)),
        ("fleet.example:65535", Endpoint(host: "fleet.example", port: 65535)),
        ("*:7420", Endpoint(host: "*", port: 7420)),
    ])
    func anEndpointIsHostAndPort(text: String, endpoint: Endpoint) {
        #expect(Endpoint(text) == endpoint)
        #expect(endpoint.description == text)
    }

    @Test(arguments: [
        "", ":7420", "host", "host:", "host:65536", "host:-1", "host:7x", "[]:1", "::1", "::1:7420", "[::1:7420",
        "host:+1",
    ])
    func anythingElseIsNone(text: String) {
        #expect(Endpoint(text) == nil)
    }

    @Test func aSerialEndpointHasABaudRate() {
        #expect(SerialEndpoint("/dev/ttyUSB0") == SerialEndpoint(path: "/dev/ttyUSB0", baud: 115_200))
        #expect(SerialEndpoint("/dev/ttyUSB0:9600") == SerialEndpoint(path: "/dev/ttyUSB0", baud: 9600))
        #expect(SerialEndpoint("/dev/by-path/usb:1.0") == SerialEndpoint(path: "/dev/by-path/usb:1.0"))
        #expect(SerialEndpoint("") == nil)
        #expect(SerialEndpoint(":9600") == nil)
    }
}
