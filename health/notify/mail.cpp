#include "health/notify/mail.h"

#include <utility>

#include "health/notify/attempt.h"
#include "health/notify/letter.h"
#include "health/notify/plain.h"
#include "health/notify/secret.h"
#include "health/notify/transfer.h"
#include "health/probe/detail.h"

namespace holdfast::health {
namespace {

constexpr std::size_t kShownReply = 160;  // octets of a server's reply in a reason

class Mail final : public Transfer {
 public:
  Mail(CurlLoop& loop, const Parcel& parcel, const std::string& password, AttemptDone done)
      : Transfer(loop, parcel.contact, "smtp,smtps", std::move(done)), letter_(letter(parcel)) {
    const ContactSettings& contact = parcel.contact;
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
  }

  using Transfer::start;

 private:
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
    return size;
  }

  AttemptResult judge(CURLcode code) override {
    if (code == CURLE_OK) {
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

  const std::string letter_;
  std::size_t read_ = 0;  // of the letter
  List recipients_;
  std::size_t replies_ = 0;
  std::string reply_;    // the last line of the server
  std::string refusal_;  // the last of those that refused something
};

}  // namespace

std::string mail_url(const ContactSettings& contact) {
  const std::size_t bracket = contact.server.find(']');
  const std::size_t colon = contact.server.find(':', bracket == std::string::npos ? 0 : bracket);
  std::string url = (contact.tls == MailTls::implicit ? "smtps://" : "smtp://") + contact.server;
  if (colon == std::string::npos) url += ':' + std::to_string(usual_port(contact.tls));
  return url;
}

Started start_mail(CurlLoop& loop, const Parcel& parcel, AttemptDone done) {
  std::string password;
  if (!parcel.contact.password_file.empty()) {
    auto secret = read_secret(parcel.contact.password_file);
    if (const auto* fault = std::get_if<SecretFault>(&secret))
      return AttemptResult{.again = true, .why = fault->what};
    password = std::move(std::get<0>(secret));
  }
  auto mail = std::make_unique<Mail>(loop, parcel, password, std::move(done));
  if (!mail->start()) return AttemptResult{.again = true, .why = "libcurl does not take the server"};
  return mail;
}

}  // namespace holdfast::health
