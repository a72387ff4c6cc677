#include "health/notify/webhook.h"

#include <utility>

#include "health/notify/document.h"
#include "health/notify/plain.h"
#include "health/notify/secret.h"
#include "health/notify/signature.h"
#include "health/notify/template.h"
#include "health/notify/transfer.h"
#include "health/notify/wording.h"
#include "health/probe/detail.h"
#include "health/utc.h"

namespace holdfast::health {
namespace {

constexpr std::size_t kShownAnswer = 120;  // octets of an answer in a reason

class Webhook final : public Transfer {
 public:
  Webhook(CurlLoop& loop, const Parcel& parcel, std::string body, const std::string& signature,
          AttemptDone done)
      : Transfer(parcel.contact, "http,https", std::move(done)), loop_(loop), body_(std::move(body)) {
    const std::string id = token(parcel.notification.id);
    append(headers_, "Content-Type: " + parcel.contact.content_type);
    append(headers_, "Expect:");
    append(headers_, "Idempotency-Key: " + id);
    append(headers_, "X-Holdfast-Event: " + id);
    if (!signature.empty()) append(headers_, "X-Holdfast-Signature: " + signature);
    void* const self = this;
    set(CURLOPT_URL, parcel.contact.url.c_str());
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    set(CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    set(CURLOPT_POSTFIELDS, body_.c_str());
    set(CURLOPT_HEADERDATA, self);
    set(CURLOPT_HEADERFUNCTION, &Webhook::on_header);
    set(CURLOPT_WRITEDATA, self);
    set(CURLOPT_WRITEFUNCTION, &Webhook::on_answer);
  }

  ~Webhook() override { loop_.remove(easy()); }

  /// Off it goes. False: libcurl does not take it.
  [[nodiscard]] bool start() {
    return is_fine() && loop_.add(easy(), [this](CURLcode code) { end(code); });
  }

 private:
  // What takes less than it was given ends the transfer.
  static std::size_t on_header(char* line, std::size_t, std::size_t size, void* self) {
    auto& webhook = *static_cast<Webhook*>(self);
    webhook.header_ += size;
    webhook.has_header_ = std::string_view(line, size) == "\r\n";
    return webhook.header_ <= kMaxAnswerHeader ? size : 0;
  }
  static std::size_t on_answer(char* part, std::size_t, std::size_t size, void* self) {
    std::string& answer = static_cast<Webhook*>(self)->answer_;
    answer.append(part, std::min(size, kMaxAnswer - answer.size()));
    return answer.size() < kMaxAnswer ? size : 0;
  }

  AttemptResult judge(CURLcode code) override {
    long status = 0;
    curl_off_t asked = 0;
    curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy(), CURLINFO_RETRY_AFTER, &asked);
    // Whatever becomes of the body then: the status has said what became of what was sent.
    if (code != CURLE_OK && !has_header_) return {.again = true, .why = what(code)};
    return judge_status(status, answer_,
                        asked > 0 ? std::optional(std::chrono::seconds(asked)) : std::nullopt);
  }

  CurlLoop& loop_;
  const std::string body_;
  List headers_;
  std::size_t header_ = 0;   // octets
  bool has_header_ = false;  // all of it
  std::string answer_;
};

}  // namespace

AttemptResult judge_status(long status, std::string_view answer, std::optional<std::chrono::seconds> asked) {
  if (status >= 200 && status < 300) return {.is_delivered = true};
  AttemptResult result{.why = "status " + std::to_string(status)};
  if (!answer.empty()) result.why += ": " + printable(one_line(answer), kShownAnswer);
  if (status >= 300 && status < 400)
    result.why += "; redirects are not followed, give the URL that it leads to";
  result.again = status == 408 || status == 429 || status >= 500;
  if (result.again) result.asked = asked;
  return result;
}

std::string body(const Parcel& parcel) {
  const Notification& notification = parcel.notification;
  if (parcel.contact.body.empty()) return document(notification, parcel.server);
  const bool is_json = parcel.contact.content_type.find("json") != std::string::npos;
  return fill(parcel.contact.body, [&](std::string_view field) {
    const std::string value = field == "id"        ? notification.id
                              : field == "kind"    ? std::string(text(notification.kind))
                              : field == "contact" ? notification.contact
                              : field == "server"  ? parcel.server
                              : field == "time"    ? rfc3339(notification.time)
                              : field == "subject" ? subject(notification)
                                                   : message(notification, parcel.server);
    return is_json ? json_escaped(value) : value;
  });
}

Started start_webhook(CurlLoop& loop, const Parcel& parcel, AttemptDone done) {
  std::string posted = body(parcel), signed_with;
  if (!parcel.contact.secret_file.empty()) {
    const auto secret = read_secret(parcel.contact.secret_file);
    if (const auto* fault = std::get_if<SecretFault>(&secret))
      return AttemptResult{.again = true, .why = fault->what};
    signed_with = signature(std::get<0>(secret), std::chrono::system_clock::now(), posted);
  }
  auto webhook = std::make_unique<Webhook>(loop, parcel, std::move(posted), signed_with, std::move(done));
  if (!webhook->start()) return AttemptResult{.again = true, .why = "libcurl does not take the url"};
  return webhook;
}

}  // namespace holdfast::health
