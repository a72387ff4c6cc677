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
#include "health/probe/http_request.h"
#include "health/probe/phase_clock.h"
#include "health/probe/url.h"

namespace holdfast::health {
namespace {

using boost::asio::ip::tcp;

class HttpProbe final : public Probe {
 public:
  HttpProbe(boost::asio::io_context& io, CurlLoop& loop, Target target, ProbeDone done)
      : loop_(loop), target_(std::move(target)), done_(std::move(done)), alarm_(io) {
    if (prepare() && loop_.add(request_.easy(), [this](CURLcode code) { end(judge(code)); })) {
      enter(Phase::connect);
    } else {
      alarm_.set(clock_.started(), [this] { end(NotRun{"libcurl does not take " + origin(target_)}); });
    }
  }

  ~HttpProbe() override { loop_.remove(request_.easy()); }

 private:
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
    return of(self).begin_request() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
  }
  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) {
    return of(self).take_header({line, size});
  }
  static std::size_t on_body(char* part, std::size_t, std::size_t size, void* self) {
    return of(self).take_body({part, size});
  }
  static HttpProbe& of(void* self) { return *static_cast<HttpProbe*>(self); }

  curl_socket_t open_socket(const curl_sockaddr& address);
  bool begin_request();
  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view part);
  std::size_t settle(Outcome outcome, std::string detail);
  std::size_t settle_by_window();
  bool agreed_on_http_2() const;

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
  ExpectWindow window_{target_.monitor};
  CertificateWitness witness_;

  char error_[CURL_ERROR_SIZE] = "";
  HttpRequest request_{target_, error_};
};

bool HttpProbe::prepare() {
  void* const self = this;
  request_.set(CURLOPT_SSL_CTX_DATA, self);
  request_.set(CURLOPT_SSL_CTX_FUNCTION, &HttpProbe::on_tls);
  request_.set(CURLOPT_OPENSOCKETDATA, self);
  request_.set(CURLOPT_OPENSOCKETFUNCTION, &HttpProbe::on_open);
  request_.set(CURLOPT_PREREQDATA, self);
  request_.set(CURLOPT_PREREQFUNCTION, &HttpProbe::on_request);
  request_.set(CURLOPT_HEADERDATA, self);
  request_.set(CURLOPT_HEADERFUNCTION, &HttpProbe::on_header);
  request_.set(CURLOPT_WRITEDATA, self);
  request_.set(CURLOPT_WRITEFUNCTION, &HttpProbe::on_body);
  return request_.is_fine();
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

bool HttpProbe::agreed_on_http_2() const {
  const curl_tlssessioninfo* session = nullptr;
  if (curl_easy_getinfo(request_.easy(), CURLINFO_TLS_SSL_PTR, &session) != CURLE_OK || session == nullptr)
    return false;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(static_cast<const SSL*>(session->internals), &chosen, &size);
  return std::string_view(reinterpret_cast<const char*>(chosen), size) == "h2";
}

bool HttpProbe::begin_request() {
  if (const std::string soon = witness_.expires_within(monitor().certificate_days); !soon.empty()) {
    return settle(Outcome::tls_handshake, soon) != 0;
  }
  if (monitor().http_version == HttpVersion::http_2 && !agreed_on_http_2()) {
    return settle(Outcome::tls_handshake, "HTTP/2 is not offered (ALPN)") != 0;
  }
  enter(Phase::header);
  return true;
}

std::size_t HttpProbe::take_header(std::string_view line) {
  header_size_ += line.size();
  curl_easy_getinfo(request_.easy(), CURLINFO_RESPONSE_CODE, &status_);
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
  if (std::none_of(good.begin(), good.end(),
                   [this](const StatusRange& range) { return range.has(status_); })) {
    const bool is_redirect = status_ >= 300 && status_ < 400 && !location_.empty();
    return settle(Outcome::bad_status, std::to_string(status_) + (is_redirect ? " to " + location_ : ""));
  }
  return line.size();
}

std::size_t HttpProbe::take_body(std::string_view part) {
  body_size_ += part.size();
  if (window_.is_wanted()) return window_.take(part) ? settle_by_window() : part.size();
  return body_size_ < kBodyLimit ? part.size() : settle(Outcome::passed, std::to_string(status_));
}

/// When it is full, or no more comes.
std::size_t HttpProbe::settle_by_window() {
  if (window_.is_rejected()) {
    return settle(Outcome::expect_missing, "what `reject` says is in the first " +
                                               std::to_string(window_.size()) + " octets of the body");
  }
  if (window_.is_found()) return settle(Outcome::passed, std::to_string(status_));
  return settle(Outcome::expect_missing,
                window_.is_full() ? window_.missing() + " of the body"
                                  : "not in the body of " + std::to_string(body_size_) + " octets");
}

std::size_t HttpProbe::settle(Outcome outcome, std::string detail) {
  settled_ = Finding{outcome, std::move(detail)};
  return 0;
}

ProbeResult HttpProbe::judge(CURLcode code) {
  if (!settled_ && code == CURLE_OK) settle_by_window();
  if (settled_) return observe(*settled_);
  if (open_error_ != 0) return NotRun{"socket: " + std::generic_category().message(open_error_)};
  if (clock_.phase() >= Phase::header) {
    switch (code) {
      case CURLE_GOT_NOTHING: return observe({Outcome::reset, "closed without an answer"});
      case CURLE_PARTIAL_FILE:
        return observe(
            {Outcome::reset, "closed after " + std::to_string(body_size_) + " octets of the body"});
      case CURLE_RECV_ERROR:
      case CURLE_SEND_ERROR:
      case CURLE_HTTP2_STREAM: return observe({Outcome::reset, what(code)});
      default: return observe({Outcome::bad_status, "not HTTP: " + what(code)});
    }
  }
  // A file of ours that cannot be read is no fault of the target.
  if (clock_.phase() == Phase::tls && code != CURLE_SSL_CACERT_BADFILE) return observe(tls_fault(code));
  long error = 0;
  curl_easy_getinfo(request_.easy(), CURLINFO_OS_ERRNO, &error);
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
  loop_.remove(request_.easy());
  const auto done = std::move(done_);
  done(std::move(result));  // may destroy this
}

}  // namespace

std::unique_ptr<Probe> start_http(boost::asio::io_context& io, CurlLoop& curl, const Target& target,
                                  ProbeDone done) {
  return std::make_unique<HttpProbe>(io, curl, target, std::move(done));
}

}  // namespace holdfast::health
