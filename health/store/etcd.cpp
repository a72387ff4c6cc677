#include "health/store/etcd.h"

#include <boost/asio/post.hpp>
#include <new>
#include <utility>

#include "health/probe/detail.h"
#include "health/probe/tls_contexts.h"

namespace holdfast::health {

/// One request with its answer, or the watch with its lines.
class Etcd::Exchange {
 public:
  Exchange(Etcd& etcd, const Session::Action& action)
      : etcd_(etcd),
        id_(action.id),
        is_watch_(action.kind == Session::Action::Kind::watch),
        url_(etcd.settings_.endpoints.at(action.endpoint) + action.path),
        body_(action.body) {
    if (!easy_) throw std::bad_alloc();
    append("Content-Type: application/json");
    append("Expect:");
    if (!action.token.empty()) append("Authorization: " + action.token);
    const StoreSettings& settings = etcd.settings_;
    void* const self = this;
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // or ending it waits for a resolver that hangs
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    set(CURLOPT_POSTFIELDS, body_.c_str());
    set(CURLOPT_WRITEDATA, self);
    set(CURLOPT_WRITEFUNCTION, &Exchange::on_body);
    constexpr auto kTimeout = static_cast<long>(std::chrono::milliseconds(Session::kTimeout).count());
    set(CURLOPT_CONNECTTIMEOUT_MS, kTimeout);
    if (!is_watch_) set(CURLOPT_TIMEOUT_MS, kTimeout);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_CAPATH,
        static_cast<char*>(nullptr));  // as in probes: with a directory libcurl would cache nothing
    set(CURLOPT_CA_CACHE_TIMEOUT, static_cast<long>(kCaCacheTime.count()));
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (!settings.certificate.empty()) set(CURLOPT_SSLCERT, settings.certificate.c_str());
    if (!settings.key.empty()) set(CURLOPT_SSLKEY, settings.key.c_str());
  }
  ~Exchange() { etcd_.loop_.remove(easy_.get()); }

  /// False: libcurl does not take it.
  [[nodiscard]] bool start() {
    return is_fine_ && etcd_.loop_.add(easy_.get(), [this](CURLcode code) { etcd_.ended(id_, code); });
  }

  bool is_watch() const noexcept { return is_watch_; }
  const std::string& answer() const noexcept { return answer_; }
  unsigned status() const noexcept {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<unsigned>(status);
  }
  std::string why(CURLcode code) const {
    // Who does not take a certificate says so after the handshake, and hangs up: what we see of that is chance.
    const bool is_cut_off = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
    return url_ + ": " + printable(*error_ != '\0' ? error_ : curl_easy_strerror(code)) +
           (is_cut_off && url_.starts_with("https:") ? " (does etcd take our certificate?)" : "");
  }

 private:
  static std::size_t on_body(char* part, std::size_t, std::size_t size, void* self) {
    return static_cast<Exchange*>(self)->took({part, size}) ? size : 0;
  }
  bool took(std::string_view part) {
    if (answer_.size() + part.size() > kMaxAnswer) return false;
    answer_ += part;
    if (!is_watch_) return true;
    for (auto end = answer_.find('\n'); end != answer_.npos; end = answer_.find('\n')) {
      // Not from here: what comes of it may end this transfer, and libcurl is still in it.
      boost::asio::post(etcd_.io_, [&etcd = etcd_, id = id_, line = answer_.substr(0, end)] {
        if (id == etcd.watch_) etcd.answers_.watched(id, line);
      });
      answer_.erase(0, end + 1);
    }
    return true;
  }

  template <class T>
  void set(CURLoption option, T value) {
    is_fine_ = is_fine_ && curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
  }
  void append(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    (void)headers_.release();  // a part of `longer`
    headers_.reset(longer);
  }

  Etcd& etcd_;
  const std::uint64_t id_;
  const bool is_watch_;
  const std::string url_, body_;
  bool is_fine_ = true;
  char error_[CURL_ERROR_SIZE] = "";
  std::string answer_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_{nullptr, curl_slist_free_all};
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(), curl_easy_cleanup};
};

Etcd::Etcd(boost::asio::io_context& io, StoreSettings settings, Answers answers)
    : io_(io), settings_(std::move(settings)), answers_(std::move(answers)), loop_(io) {}

Etcd::~Etcd() = default;

void Etcd::perform(const Session::Action& action) {
  if (action.kind != Session::Action::Kind::request) {
    exchanges_.erase(std::exchange(watch_, action.id));
    if (action.kind == Session::Action::Kind::unwatch) return;
  }
  bool is_started = false;
  try {
    is_started =
        exchanges_.emplace(action.id, std::make_unique<Exchange>(*this, action)).first->second->start();
  } catch (const std::bad_alloc&) {
  }
  if (is_started) return;
  // Not from here: whoever asks does not expect an answer yet.
  boost::asio::post(io_, [this, action_id = action.id, kind = action.kind] {
    exchanges_.erase(action_id);
    if (kind == Session::Action::Kind::watch) return answers_.watch_ended(action_id);
    answers_.replied(action_id, 0, "no memory for the request");
  });
}

void Etcd::ended(std::uint64_t id, CURLcode code) {
  const auto known = exchanges_.extract(id);
  if (known.empty()) return;
  const Exchange& exchange = *known.mapped();
  if (exchange.is_watch()) {
    // After the lines that came before its end.
    boost::asio::post(io_, [this, id] {
      if (id != watch_) return;
      watch_ = 0;
      answers_.watch_ended(id);
    });
    return;
  }
  if (code == CURLE_OK) return answers_.replied(id, exchange.status(), exchange.answer());
  answers_.replied(id, 0, exchange.why(code));
}

}  // namespace holdfast::health
