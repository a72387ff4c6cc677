#pragma once

#include <curl/curl.h>

#include <memory>
#include <string_view>

#include "health/target.h"

namespace holdfast::health {

/// What is asked of a target, as libcurl is told: everything but whom to call back.
///
/// It goes to the target's address and nowhere else: nothing is resolved, no redirect is followed, no proxy, netrc,
/// cookie or cache is used, no content is decompressed.
class HttpRequest {
 public:
  /// The target must outlive it, and so must `error`, where libcurl puts what went wrong (CURL_ERROR_SIZE).
  HttpRequest(const Target& target, char* error);

  /// Once any option was refused it stays false.
  template <class Value>
  void set(CURLoption option, Value value) {
    is_fine_ = is_fine_ && curl_easy_setopt(easy_.get(), option, value) == CURLE_OK;
  }
  bool is_fine() const noexcept { return is_fine_; }
  CURL* easy() const noexcept { return easy_.get(); }

 private:
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };
  using List = std::unique_ptr<curl_slist, FreeList>;

  void append(List& list, const std::string& line);
  void set_content(const MonitorSettings& monitor);
  void set_tls(const MonitorSettings& monitor);

  List connect_to_, headers_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_{curl_easy_init(), curl_easy_cleanup};
  bool is_fine_ = easy_ != nullptr;
};

/// "Accept" of "Accept: text/html".
std::string_view header_name(std::string_view line);

}  // namespace holdfast::health
