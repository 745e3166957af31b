// SPDX-License-Identifier: Apache-2.0

/// What is done with what a request names.
enum HTTPMethod: String {
    case get = "GET"
    case put = "PUT"
    case delete = "DELETE"
}
