#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

namespace holdfast::health {

/// A certificate, its key, and both as PEM.
struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string certificate_pem() const {
    return pem([this](BIO* out) { PEM_write_bio_X509(out, certificate.get()); });
  }
  std::string key_pem() const {
    return pem([this](BIO* out) {
      PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
  }

 private:
  template <class Write>
  static std::string pem(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    write(out.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

struct Wish {
  std::string common_name = "test";
  std::string names = {};  ///< as OpenSSL has it: "DNS:a.example,IP:127.0.0.1"; empty: none
  std::chrono::seconds from = std::chrono::hours(-1);  ///< from now
  std::chrono::seconds until = std::chrono::hours(1);
};

/// A certificate as wished, signed by `issuer`, or by itself and then fit to be an issuer.
inline Identity issue(const Wish& wish, const Identity* issuer = nullptr) {
  Identity made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  auto* const certificate = made.certificate.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.until.count());
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, X509_get_subject_name((issuer ? *issuer : made).certificate.get()));
  const auto extend = [certificate](int which, const char* value) {
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (issuer == nullptr) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.names.empty()) extend(NID_subject_alt_name, wish.names.c_str());
  X509_sign(certificate, (issuer ? *issuer : made).key.get(), EVP_sha256());
  return made;
}

}  // namespace holdfast::health
