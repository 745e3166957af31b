// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import dalloc

@Suite struct ProxySettingTests {
    @Test(
        arguments: [
            ("http://a:1", [:], false), ("http://a:1", ["http_proxy": "http://p:3128"], true),
            ("http://a:1", ["https_proxy": "http://p:3128"], false),
            ("https://a", ["https_proxy": "http://p:3128"], true),
            ("http://a:1", ["HTTP_PROXY": "http://p:3128"], false),
            ("http://a:1", ["ALL_PROXY": "http://p:3128"], true),
            ("http://a:1", ["http_proxy": ""], false), ("http://127.0.0.1:1", ["http_proxy": "http://p:3128"], false),
            ("[::1]:1", ["http_proxy": "http://p:3128"], false),
            ("http://a.fleet:1", ["http_proxy": "http://p:3128", "no_proxy": "b, .fleet"], false),
            ("http://afleet:1", ["http_proxy": "http://p:3128", "no_proxy": ".fleet"], true),
            ("http://A:1", ["http_proxy": "http://p:3128", "NO_PROXY": "a"], false),
            ("http://a:1", ["http_proxy": "http://p:3128", "no_proxy": "*"], false),
        ] as [(String, [String: String], Bool)])
    func theEnvironmentDecides(_ address: String, _ environment: [String: String], _ applies: Bool) throws {
        let address = try CollectorAddress(option: address, environment: [:])
        #expect(ProxySetting.applies(to: address, environment: environment) == applies)
    }
}
