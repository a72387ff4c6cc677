#include "health/notify/transfer.h"

#include <new>
#include <utility>

#include "health/probe/detail.h"
#include "health/probe/tls_contexts.h"

namespace holdfast::health {

Transfer::Transfer(const ContactSettings& contact, const char* protocols, AttemptDone done)
    : done_(std::move(done)) {
  if (!easy_) throw std::bad_alloc();
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // or ending it waits for a resolver that hangs
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(contact.timeout.count()));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAPATH,
      static_cast<char*>(nullptr));  // as in probes: with a directory libcurl would cache nothing
  set(CURLOPT_CA_CACHE_TIMEOUT, static_cast<long>(kCaCacheTime.count()));
  if (!contact.ca_file.empty()) set(CURLOPT_CAINFO, contact.ca_file.c_str());
}

void Transfer::append(List& list, const std::string& line) {
  curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();  // a part of `longer`
  list.reset(longer);
}

void Transfer::end(CURLcode code) {
  AttemptResult result = judge(code);
  const AttemptDone done = std::move(done_);
  done(std::move(result));
}

std::string Transfer::what(CURLcode code) const {
  return printable(*error_ != '\0' ? error_ : curl_easy_strerror(code));
}

}  // namespace holdfast::health
