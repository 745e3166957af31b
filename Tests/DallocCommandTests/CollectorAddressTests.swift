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
        #expect(try address.url(["v1", "devices"]).absoluteString == "http://10.0.0.7:7421/v1/devices")
    }

    @Test func aPathPrefixIsKept() throws {
        let address = try CollectorAddress(option: "https://fleet.example/heaps/", environment: [:])
        #expect(try address.url(["v1"]).absoluteString == "https://fleet.example/heaps/v1")
    }

    @Test func idsAndValuesAreEncodedToTheLastSign() throws {
        let address = try CollectorAddress(option: "http://a", environment: [:])
        let url = try address.url(["x/../y?#%", "ä"], [("q", "a+b &=/é"), ("none", nil), ("z", "~._-")])
        #expect(url.absoluteString == "http://a/x%2F..%2Fy%3F%23%25/%C3%A4?q=a%2Bb%20%26%3D%2F%C3%A9&z=~._-")
    }

    @Test(arguments: ["", "ftp://a", "http://", "http://a?x=1", "http://a#b", "a b", "http://a:0", "http://a:99999"])
    func whatIsNoAddressIsRefused(_ text: String) {
        #expect(throws: ValidationError.self) { try CollectorAddress(option: text, environment: [:]) }
    }
}
