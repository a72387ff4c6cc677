#include "health/notify/mail.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "health/notify/attempt.h"
#include "health/notify/letter.h"
#include "health/notify/plain.h"
#include "health/notify/secret.h"
#include "health/notify/transfer.h"
#include "health/probe/detail.h"

namespace holdfast::health {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kShownReply = 160;  // octets of a server's reply in a reason

/// On a thread of its own: libcurl 7.88 waits for the replies to the end of a letter and to QUIT without letting go of its
/// thread (lib/smtp.c, smtp_block_statemach), and other contacts are not to wait for a server that has much to scan.
class Mail final : public Transfer {
 public:
  Mail(asio::io_context& io, const Parcel& parcel, const std::string& password, AttemptDone done)
      : Transfer(parcel.contact, "smtp,smtps", std::move(done)), io_(io), letter_(letter(parcel)) {
    const ContactSettings& contact = parcel.contact;
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
        static_cast<long>(std::chrono::ceil<std::chrono::seconds>(contact.timeout).count()));
    for (const std::string& address : contact.to) append(recipients_, '<' + address + '>');
    void* const self = this;
    set(CURLOPT_URL, mail_url(contact).c_str());
    set(CURLOPT_USE_SSL, contact.tls == MailTls::none ? long{CURLUSESSL_NONE} : long{CURLUSESSL_ALL});
    if (!contact.user.empty()) {
      set(CURLOPT_USERNAME, contact.user.c_str());
      set(CURLOPT_PASSWORD, password.c_str());
    }
    set(CURLOPT_MAIL_FROM, ('<' + contact.from + '>').c_str());
    set(CURLOPT_MAIL_RCPT, recipients_.get());
    set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);  // one that is refused does not keep it from the others
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READDATA, self);
    set(CURLOPT_READFUNCTION, &Mail::on_read);
    set(CURLOPT_HEADERDATA, self);
    set(CURLOPT_HEADERFUNCTION, &Mail::on_reply);
    set(CURLOPT_XFERINFODATA, self);
    set(CURLOPT_XFERINFOFUNCTION, &Mail::on_progress);
    set(CURLOPT_NOPROGRESS, 0L);
  }

  ~Mail() override {
    cancel();
    if (thread_.joinable()) thread_.join();
  }

  void cancel() noexcept override { is_cancelled_ = true; }

  /// Off it goes. False: libcurl does not take it. Throws std::system_error: there is no thread for it.
  [[nodiscard]] bool start() {
    if (!is_fine()) return false;
    thread_ = std::thread([this, here = std::weak_ptr(here_)] {
      const CURLcode code = curl_easy_perform(easy());
      asio::post(io_, [this, here, code] {
        if (!here.expired()) end(code);
      });
    });
    return true;
  }

 private:
  /// Each second at least, wherever libcurl waits. What is not 0 ends the transfer.
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& mail = *static_cast<Mail*>(self);
    return mail.is_cancelled_ || mail.is_taken_ ? 1 : 0;
  }
  static std::size_t on_read(char* room, std::size_t, std::size_t size, void* self) {
    auto& mail = *static_cast<Mail*>(self);
    const std::size_t count = mail.letter_.copy(room, size, mail.read_);
    mail.read_ += count;
    return count;
  }
  static std::size_t on_reply(char* line, std::size_t, std::size_t size, void* self) {
    auto& mail = *static_cast<Mail*>(self);
    mail.replies_ += size;
    if (mail.replies_ > kMaxReplies) return 0;  // ends the transfer
    if (std::string_view(line, size).starts_with("221"))
      return size;  // to QUIT, which says nothing of the mail
    mail.reply_ = printable(one_line({line, size}), kShownReply);
    mail.reply_.erase(mail.reply_.find_last_not_of(' ') + 1);
    if (mail.reply_.starts_with('4') || mail.reply_.starts_with('5')) mail.refusal_ = mail.reply_;
    if (mail.reply_.starts_with('2') && mail.read_ == mail.letter_.size()) mail.is_taken_ = true;
    return size;
  }

  AttemptResult judge(CURLcode code) override {
    if (code == CURLE_OK || is_taken_) {
      return {.is_delivered = true, .why = refusal_.empty() ? "" : "not to all of them: " + refusal_};
    }
    if (code == CURLE_USE_SSL_FAILED) {
      return {.why = "the server does not offer STARTTLS; if that is right, say tls = \"none\""};
    }
    // 4yz is for now, 5yz is for good (RFC 5321 4.2.1); a connection that broke has nothing to do with what was said last.
    const bool was_refused = code == CURLE_LOGIN_DENIED || code == CURLE_SEND_ERROR ||
                             code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_REMOTE_ACCESS_DENIED;
    const bool is_refusal = was_refused && !refusal_.empty() && refusal_ == reply_;
    std::string why = what(code);
    if (code == CURLE_LOGIN_DENIED) why = "user and password were refused";
    if (is_refusal) why += ": " + refusal_;
    return {.again = !is_refusal || refusal_.starts_with('4'), .why = std::move(why)};
  }

  static constexpr std::size_t kMaxReplies = 64U << 10;  // octets of all replies of the server

  asio::io_context& io_;
  std::atomic<bool> is_cancelled_ = false;
  // All below is the thread's own until it has ended.
  const std::string letter_;
  std::size_t read_ = 0;   // of the letter
  bool is_taken_ = false;  // the server answers for it now; it need not say goodbye
  List recipients_;
  std::size_t replies_ = 0;
  std::string reply_;    // the last line of the server
  std::string refusal_;  // the last of those that refused something

  std::thread thread_;
  const std::shared_ptr<const bool> here_ = std::make_shared<bool>(true);  // for what the thread posts
};

}  // namespace

std::string mail_url(const ContactSettings& contact) {
  const std::size_t bracket = contact.server.find(']');
  const std::size_t colon = contact.server.find(':', bracket == std::string::npos ? 0 : bracket);
  std::string url = (contact.tls == MailTls::implicit ? "smtps://" : "smtp://") + contact.server;
  if (colon == std::string::npos) url += ':' + std::to_string(usual_port(contact.tls));
  return url;
}

Started start_mail(asio::io_context& io, const Parcel& parcel, AttemptDone done) {
  std::string password;
  if (!parcel.contact.password_file.empty()) {
    auto secret = read_secret(parcel.contact.password_file);
    if (const auto* fault = std::get_if<SecretFault>(&secret))
      return AttemptResult{.again = true, .why = fault->what};
    password = std::move(std::get<0>(secret));
  }
  auto mail = std::make_unique<Mail>(io, parcel, password, std::move(done));
  try {
    if (!mail->start()) return AttemptResult{.again = true, .why = "libcurl does not take the server"};
  } catch (const std::system_error& error) {
    return AttemptResult{.again = true, .why = std::string("no thread to send it on: ") + error.what()};
  }
  return mail;
}

}  // namespace holdfast::health
