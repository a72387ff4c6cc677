#pragma once

#include <memory>
#include <string>

#include "health/notify/attempt.h"

namespace holdfast::health {

/// What attempts over libcurl have in common: certificates are verified, nothing is taken from the environment, nobody is
/// followed elsewhere, and `timeout` is the longest time for all of it.
class Transfer : public DeliveryAttempt {
 protected:
  Transfer(const ContactSettings& contact, const char* protocols, AttemptDone done);

  template <class T>
  void set(CURLoption option, T value) {
    is_fine_ = is_fine_ && curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
  }
  /// A line of the list that is set later; lists live as long as this.
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;
  void append(List& list, const std::string& line);

  /// False: libcurl did not take what was set.
  bool is_fine() const noexcept { return is_fine_; }
  CURL* easy() const noexcept { return easy_.get(); }
  virtual AttemptResult judge(CURLcode code) = 0;
  /// The transfer is over: on the thread of the notifier. May destroy this.
  void end(CURLcode code);
  std::string what(CURLcode code) const;

 private:
  AttemptDone done_;
  bool is_fine_ = true;
  char error_[CURL_ERROR_SIZE] = "";
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(), curl_easy_cleanup};
};

}  // namespace holdfast::health
