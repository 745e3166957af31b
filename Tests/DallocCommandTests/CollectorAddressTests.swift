// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import dalloc

@Suite struct CollectorAddressTests {
    @Test func theOptionWinsOverTheEnvironmentAndThatOverTheDefault() throws {
        let environment = ["DALLOC_COLLECTOR": "http://b:2"]
        #expect(try CollectorAddress(option: "http://a:1", environment: environment).description == "http://a:1")
        #expect(try CollectorAddress(option: nil, environment: environment).description == "http://b:2")
        #expect(
            try CollectorAddress(option: nil, environment: ["DALLOC_COLLECTOR": ""]).description
                == "http://127.0.0.1:7421")
    }

    @Test func theSchemeMayBeLeftOutAndASlashMayFollow() throws {
        let address = try CollectorAddress(option: "10.0.0.7:7421//", environment: [:])
        #expect(address.description == "http://10.0.0.7:7421")
        #expect(address.target(["v1", "devices"]) == "/v1/devices")
    }

    @Test func aPathPrefixIsKept() throws {
        let address = try CollectorAddress(option: "https://fleet.example/heaps/", environment: [:])
        #expect(address.target(["v1"]) == "/heaps/v1")
        #expect(address.url("/heaps/v1") == "https://fleet.example/heaps/v1")
    }

    @Test func idsAndValuesAreEncodedToTheLastSign() throws {
        let address = try CollectorAddress(option: "http://a", environment: [:])
        let target = address.target(["x/../y?#%", "ä"], [("q", "a+b &=/é"), ("none", nil), ("z", "~._-")])
        #expect(target == "/x%2F..%2Fy%3F%23%25/%C3%A4?q=a%2Bb%20%26%3D%2F%C3%A9&z=~._-")
    }

    @Test func anIdOfDotsIsNoWayToAnotherPath() throws {
        let address = try CollectorAddress(option: "http://a", environment: [:])
        #expect(address.target(["v1", "devices", "..", "snapshot"]) == "/v1/devices/%2E%2E/snapshot")
        #expect(address.target([".", "...", "a..", "..b"]) == "/%2E/%2E%2E%2E/a../..b")
        #expect(
            address.url(address.target(["v1", ".."])) == "http://a/v1/%2E%2E",
            "and Foundation leaves it so")
    }

    @Test(
        arguments: [
            ("10.0.0.7", "http://10.0.0.7:7421", "10.0.0.7", 7421),
            ("http://10.0.0.7", "http://10.0.0.7", "10.0.0.7", 80),
            ("https://a", "https://a", "a", 443), ("HTTP://a:80", "http://a:80", "a", 80),
            ("::1", "http://[::1]:7421", "::1", 7421), ("[::1]", "http://[::1]:7421", "::1", 7421),
            ("[::1]:9", "http://[::1]:9", "::1", 9),
            ("http://[fe80::1%25eth0]:9/x", "http://[fe80::1]:9/x", "fe80::1%eth0", 9),
            ("fe80::1%eth0", "http://[fe80::1]:7421", "fe80::1%eth0", 7421),
            ("::ffff:10.0.0.7", "http://[::ffff:10.0.0.7]:7421", "::ffff:10.0.0.7", 7421),
        ] as [(String, String, String, UInt16)])
    func hostsAndPortsAreReadInEveryForm(_ text: String, _ url: String, _ host: String, _ port: UInt16) throws {
        let address = try CollectorAddress(option: text, environment: [:])
        #expect(address.description == url)
        #expect(address.host == host)
        #expect(address.port == port)
    }

    @Test(arguments: [
        "", "ftp://a", "http://", "http://a?x=1", "http://a#b", "a b", "http://a:0", "http://a:99999", "http://a:",
        "a:b",
        "a:1:2", "[::1", "[::1]x", "[::1]:", "[a]:1", "[]", "http://u:p@a", "a\u{0}b", "a/\u{1B}[2J", "a%b", ":7421",
        "a:+1", "http:///x",
    ])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(throws: ValidationError.self) { try CollectorAddress(option: text, environment: [:]) }
    }
}
