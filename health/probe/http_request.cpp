#include "health/probe/http_request.h"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>

#include "health/probe/tls_contexts.h"
#include "health/probe/url.h"

namespace holdfast::health {

HttpRequest::HttpRequest(const Target& target, char* error) {
  const MonitorSettings& monitor = target.monitor;
  append(connect_to_, "::" + address_and_port(target));
  set(CURLOPT_URL, (origin(target) + '/').c_str());
  set(CURLOPT_REQUEST_TARGET, monitor.path.c_str());  // octet for octet, "/../" too
  set(CURLOPT_CONNECT_TO, connect_to_.get());
  set(CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // not from the environment either
  set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);  // or each transfer would walk over the addresses of all others
  set(CURLOPT_BUFFERSIZE, 4096L);      // each transfer has its own
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, error);
  // All time limits are ours: they tell one phase from the other. libcurl's default of 300 s must not come before.
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(monitor.timeout.count() + 60'000));
  set_content(monitor);
  set_tls(monitor);
}

void HttpRequest::append(List& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  is_fine_ = is_fine_ && longer != nullptr;
  if (longer == nullptr) return;
  (void)list.release();
  list.reset(longer);
}

void HttpRequest::set_content(const MonitorSettings& monitor) {
  const bool is_http_2 = monitor.http_version == HttpVersion::http_2;
  set(CURLOPT_HTTP_VERSION, is_http_2 ? long{CURL_HTTP_VERSION_2TLS} : long{CURL_HTTP_VERSION_1_1});
  if (monitor.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (monitor.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(monitor.body.size()));
    set(CURLOPT_POSTFIELDS, monitor.body.c_str());
  } else if (monitor.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, monitor.method.c_str());
  }

  for (const std::string& header : monitor.headers) append(headers_, header);
  const bool has_type = std::any_of(
      monitor.headers.begin(), monitor.headers.end(),
      [](const std::string& header) { return boost::iequals(header_name(header), "content-type"); });
  if (monitor.method == "POST" && !has_type)
    append(headers_, "Content-Type:");                    // or libcurl has one of its own
  if (!is_http_2) append(headers_, "Connection: close");  // RFC 9113 8.2.2
  set(CURLOPT_HTTPHEADER, headers_.get());
}

void HttpRequest::set_tls(const MonitorSettings& monitor) {
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);  // each probe sees the certificate
  set(CURLOPT_SSL_VERIFYPEER, monitor.verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, monitor.verify ? 2L : 0L);
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // with a directory libcurl would cache nothing
  set(CURLOPT_CA_CACHE_TIMEOUT, static_cast<long>(kCaCacheTime.count()));
  if (!monitor.ca_file.empty()) set(CURLOPT_CAINFO, monitor.ca_file.c_str());
  if (monitor.client_certificate.empty()) return;
  set(CURLOPT_SSLCERT, monitor.client_certificate.c_str());
  set(CURLOPT_SSLKEY, TlsContexts::client_key(monitor).c_str());
}

std::string_view header_name(std::string_view line) { return line.substr(0, line.find(':')); }

}  // namespace holdfast::health
