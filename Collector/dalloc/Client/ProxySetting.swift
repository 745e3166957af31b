// SPDX-License-Identifier: Apache-2.0
//
// Whether the environment sends a question through a proxy, in the words that libcurl knows.

enum ProxySetting {
    static func applies(to address: CollectorAddress, environment: [String: String]) -> Bool {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        // HTTP_PROXY in capitals is not among them: a web server sets it to what a stranger says (CVE-2016-5385).
        let proxy =
            address.isSecure
            ? value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
            : value("http_proxy", "all_proxy", "ALL_PROXY")
        guard proxy != nil, !isLoopback(address.host) else { return false }
        let exceptions = (value("no_proxy", "NO_PROXY") ?? "").split { $0 == "," || $0 == " " }
        return !exceptions.contains { exception in
            let name = exception.drop { $0 == "." }.lowercased()
            let host = address.host.lowercased()
            return name == "*" || host == name || host.hasSuffix("." + name)
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}
