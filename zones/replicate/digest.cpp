#include "zones/replicate/digest.h"

#include <openssl/evp.h>

#include <memory>
#include <new>

#include "zones/replicate/contents.h"
#include "zones/replicate/record_run.h"

namespace holdfast::zones {
namespace {

constexpr std::size_t kAtOnce = 64 * 1024;  // octets, more or less

struct Free {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

[[noreturn]] void fail() { throw std::bad_alloc(); }  // SHA-256 knows no other reason

}  // namespace

Digest digest(const Zone& zone) {
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  if (context == nullptr || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) fail();
  RecordRun run;
  const auto add_run = [&] {
    if (EVP_DigestUpdate(context.get(), run.octets().data(), run.octets().size()) != 1) fail();
    run = RecordRun();
  };
  // Borrowed: both go no further than this.
  const Contents contents(Serial(), std::shared_ptr<const Zone>(std::shared_ptr<void>(), &zone), nullptr);
  run.add({zone.apex(), RrType::SOA, contents.soa_ttl(), contents.soa()});
  for (Contents::Cursor at(contents); at; at.next()) {
    run.add(at.owner(), at.rrset());
    if (run.octets().size() >= kAtOnce) add_run();
  }
  add_run();
  Digest digest;
  if (EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) fail();
  return digest;
}

}  // namespace holdfast::zones
