#include "health/probe/http.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "health/probe/certificate.h"
#include "health/probe/connect_error.h"
#include "health/probe/expect.h"
#include "health/probe/phase_clock.h"
#include "health/probe/tls_contexts.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

using boost::asio::ip::tcp;

class HttpProbe final : public Probe {
 public:
  HttpProbe(boost::asio::io_context& io, CurlLoop& loop, Target target, ProbeDone done)
      : loop_(loop), target_(std::move(target)), done_(std::move(done)), alarm_(io) {
    if (prepare() && loop_.add(easy_.get(), [this](CURLcode code) { end(judge(code)); })) {
      enter(Phase::connect);
    } else {
      alarm_.set(clock_.started(), [this] { end(NotRun{"libcurl does not take " + origin(target_)}); });
    }
  }

  ~HttpProbe() override { loop_.remove(easy_.get()); }

 private:
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;

  const MonitorSettings& monitor() const noexcept { return target_.monitor; }

  bool prepare();
  void enter(Phase phase);
  void out_of_time();

  // What libcurl calls while it works, in this order. A callback that takes less than it was given ends the transfer.
  static curl_socket_t on_open(void* self, curlsocktype, curl_sockaddr* address) {
    return of(self).open_socket(*address);
  }
  static CURLcode on_tls(CURL*, void* context, void* self) {  // TCP is connected
    of(self).enter(Phase::tls);
    of(self).witness_.attach(static_cast<SSL_CTX*>(context));
    return CURLE_OK;
  }
  static int on_request(void* self, char*, char*, int, int) {  // TLS is done
    const std::string soon = of(self).witness_.expires_within(of(self).monitor().certificate_days);
    if (!soon.empty()) {
      of(self).settle(Outcome::tls_handshake, soon);
      return CURL_PREREQFUNC_ABORT;
    }
    of(self).enter(Phase::header);
    return CURL_PREREQFUNC_OK;
  }
  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) {
    return of(self).take_header({line, size});
  }
  static std::size_t on_body(char* part, std::size_t, std::size_t size, void* self) {
    return of(self).take_body({part, size});
  }
  static HttpProbe& of(void* self) { return *static_cast<HttpProbe*>(self); }

  curl_socket_t open_socket(const curl_sockaddr& address);
  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view part);
  std::size_t settle(Outcome outcome, std::string detail);

  ProbeResult judge(CURLcode code);
  Finding tls_fault(CURLcode code) const;
  std::string what(CURLcode code) const { return *error_ != '\0' ? error_ : curl_easy_strerror(code); }
  Observation observe(const Finding& finding) const { return clock_.observation(target_.id, finding); }
  void end(ProbeResult result);

  CurlLoop& loop_;
  const Target target_;
  ProbeDone done_;
  PhaseClock clock_{target_.monitor};
  Alarm alarm_;  // the end of the phase, or of the whole

  std::optional<Finding> settled_;  // before the transfer was over
  int open_error_ = 0;              // errno of socket()
  long status_ = 0;
  std::size_t header_size_ = 0, body_size_ = 0;
  std::string location_;
  ExpectWindow window_{target_.monitor.expect};
  CertificateWitness witness_;

  char error_[CURL_ERROR_SIZE] = "";
  List connect_to_, headers_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(), curl_easy_cleanup};
};

bool HttpProbe::prepare() {
  if (!easy_) return false;
  connect_to_.reset(curl_slist_append(nullptr, ("::" + address_and_port(target_)).c_str()));
  headers_.reset(curl_slist_append(nullptr, "Connection: close"));

  bool is_fine = connect_to_ && headers_;
  const auto set = [&](CURLoption option, auto value) {
    is_fine = is_fine && curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
  };
  void* const self = this;
  set(CURLOPT_URL, (origin(target_) + '/').c_str());
  set(CURLOPT_REQUEST_TARGET, monitor().path.c_str());  // octet for octet, "/../" too
  set(CURLOPT_CONNECT_TO, connect_to_.get());
  set(CURLOPT_HTTPHEADER, headers_.get());
  set(CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
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
  set(CURLOPT_ERRORBUFFER, error_);

  // All time limits are ours: they tell one phase from the other. libcurl's default of 300 s must not come before.
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(monitor().timeout.count() + 60'000));

  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);  // each probe sees the certificate
  set(CURLOPT_SSL_VERIFYPEER, monitor().verify ? 1L : 0L);
  set(CURLOPT_SSL_VERIFYHOST, monitor().verify ? 2L : 0L);
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // with a directory libcurl would cache nothing
  set(CURLOPT_CA_CACHE_TIMEOUT, static_cast<long>(kCaCacheTime.count()));
  if (!monitor().ca_file.empty()) set(CURLOPT_CAINFO, monitor().ca_file.c_str());
  set(CURLOPT_SSL_CTX_DATA, self);
  set(CURLOPT_SSL_CTX_FUNCTION, &HttpProbe::on_tls);
  set(CURLOPT_OPENSOCKETDATA, self);
  set(CURLOPT_OPENSOCKETFUNCTION, &HttpProbe::on_open);
  set(CURLOPT_PREREQDATA, self);
  set(CURLOPT_PREREQFUNCTION, &HttpProbe::on_request);
  set(CURLOPT_HEADERDATA, self);
  set(CURLOPT_HEADERFUNCTION, &HttpProbe::on_header);
  set(CURLOPT_WRITEDATA, self);
  set(CURLOPT_WRITEFUNCTION, &HttpProbe::on_body);
  return is_fine;
}

void HttpProbe::enter(Phase phase) {
  clock_.enter(phase);
  alarm_.set(clock_.deadline(), [this] { out_of_time(); });
}

void HttpProbe::out_of_time() {
  switch (clock_.phase()) {
    case Phase::connect: return end(observe({Outcome::connect_timeout, "no TCP connection"}));
    case Phase::tls:
      return end(observe({Outcome::connect_timeout, "TCP connected, but the TLS handshake did not end"}));
    case Phase::header:
      return end(
          observe({Outcome::header_timeout, header_size_ == 0 ? "no answer" : "the header did not end"}));
    case Phase::body:
      return end(observe({Outcome::body_timeout, std::to_string(status_) + ", but only " +
                                                     std::to_string(body_size_) +
                                                     " octets of the body came in time"}));
  }
}

curl_socket_t HttpProbe::open_socket(const curl_sockaddr& address) {
  // CURLOPT_CONNECT_TO pins the address already; should it ever fail to, nothing is connected.
  tcp::endpoint wanted;
  if (address.addrlen > wanted.capacity()) return CURL_SOCKET_BAD;
  std::memcpy(wanted.data(), &address.addr, address.addrlen);
  if (wanted != endpoint(target_)) return CURL_SOCKET_BAD;
  const int socket = ::socket(address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  open_error_ = socket < 0 ? errno : 0;
  return socket < 0 ? CURL_SOCKET_BAD : socket;
}

std::size_t HttpProbe::take_header(std::string_view line) {
  header_size_ += line.size();
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status_);
  if (header_size_ > kHeaderLimit) {
    return settle(Outcome::bad_status, std::to_string(status_) + " with a header of more than " +
                                           std::to_string(kHeaderLimit) + " octets");
  }
  constexpr std::string_view kLocation = "location:";
  if (clock_.phase() == Phase::body) return line.size();  // trailers of a chunked body
  if (boost::istarts_with(line, kLocation)) {
    location_ = boost::trim_copy(std::string(line.substr(kLocation.size())));
  }
  if (line != "\r\n" && line != "\n") return line.size();
  const bool is_interim = status_ >= 100 && status_ < 200 && status_ != 101;
  if (is_interim) return line.size();  // the real header is still to come

  enter(Phase::body);
  const auto& good = monitor().status;
  if (std::find(good.begin(), good.end(), status_) == good.end()) {
    const bool is_redirect = status_ >= 300 && status_ < 400 && !location_.empty();
    return settle(Outcome::bad_status, std::to_string(status_) + (is_redirect ? " to " + location_ : ""));
  }
  return line.size();
}

std::size_t HttpProbe::take_body(std::string_view part) {
  body_size_ += part.size();
  if (monitor().expect.empty()) {
    return body_size_ < kBodyLimit ? part.size() : settle(Outcome::passed, std::to_string(status_));
  }
  if (window_.take(part)) return settle(Outcome::passed, std::to_string(status_));
  return window_.is_full() ? settle(Outcome::expect_missing, window_.missing() + " of the body")
                           : part.size();
}

std::size_t HttpProbe::settle(Outcome outcome, std::string detail) {
  settled_ = Finding{outcome, std::move(detail)};
  return 0;
}

ProbeResult HttpProbe::judge(CURLcode code) {
  if (settled_) return observe(*settled_);
  if (open_error_ != 0) return NotRun{"socket: " + std::generic_category().message(open_error_)};
  if (code == CURLE_OK) {
    if (monitor().expect.empty()) return observe({Outcome::passed, std::to_string(status_)});
    return observe({Outcome::expect_missing, "not in the body of " + std::to_string(body_size_) + " octets"});
  }
  if (clock_.phase() >= Phase::header) {
    switch (code) {
      case CURLE_GOT_NOTHING: return observe({Outcome::reset, "closed without an answer"});
      case CURLE_PARTIAL_FILE:
        return observe(
            {Outcome::reset, "closed after " + std::to_string(body_size_) + " octets of the body"});
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR: return observe({Outcome::reset, what(code)});
      default: return observe({Outcome::bad_status, "not HTTP: " + what(code)});
    }
  }
  // A CA file of ours that cannot be read is no fault of the target.
  if (clock_.phase() == Phase::tls && code != CURLE_SSL_CACERT_BADFILE) return observe(tls_fault(code));
  long error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error);
  const auto outcome = connect_error(static_cast<int>(error));
  if (!outcome) return NotRun{what(code)};
  return observe({*outcome, std::generic_category().message(static_cast<int>(error))});
}

Finding HttpProbe::tls_fault(CURLcode code) const {
  if (const auto fault = witness_.chain_fault(); monitor().verify && !fault.empty())
    return {Outcome::tls_handshake, fault};
  if (code != CURLE_PEER_FAILED_VERIFICATION) return {Outcome::tls_handshake, "protocol: " + what(code)};
  return {Outcome::tls_handshake, witness_.name_mismatch()};
}

void HttpProbe::end(ProbeResult result) {
  alarm_.cancel();
  loop_.remove(easy_.get());
  const auto done = std::move(done_);
  done(std::move(result));  // may destroy this
}

}  // namespace

std::unique_ptr<Probe> start_http(boost::asio::io_context& io, CurlLoop& curl, const Target& target,
                                  ProbeDone done) {
  return std::make_unique<HttpProbe>(io, curl, target, std::move(done));
}

}  // namespace holdfast::health
