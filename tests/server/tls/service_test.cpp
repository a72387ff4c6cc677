#include "server/tls/service.h"

#include <gtest/gtest.h>

#include "tests/server/tls/certificate_directory.h"

namespace holdfast::server {
namespace {

class TlsServiceFiles : public testing::Test {
 protected:
  void SetUp() override {
    files.write("ns1", health::issue({}));
    files.write("ns2", health::issue({}));
  }
  /// What is wrong with these, without the directory; empty: nothing.
  std::string wrong(const std::string& certificate, const std::string& key) {
    try {
      const TlsService service({.certificate = files / certificate, .key = key.empty() ? "" : files / key});
      return {};
    } catch (const std::runtime_error& error) {
      std::string what = error.what();
      const std::string directory = files / "";
      for (auto at = what.find(directory); at != what.npos; at = what.find(directory))
        what.erase(at, directory.size());
      return what;
    }
  }

  CertificateDirectory files;
};

TEST_F(TlsServiceFiles, AreACertificateAndItsKey) { EXPECT_EQ(wrong("ns1.pem", "ns1.key"), ""); }

TEST_F(TlsServiceFiles, MayBeOne) {
  const auto both = health::issue({});
  files.write("both.pem", both.key_pem() + both.certificate_pem());
  EXPECT_EQ(wrong("both.pem", ""), "");
  EXPECT_EQ(wrong("ns1.pem", ""), "ns1.pem: has no key as PEM");
}

TEST_F(TlsServiceFiles, AreNamedWhenTheyAreNotThere) {
  EXPECT_EQ(wrong("ns3.pem", "ns1.key"), "ns3.pem: has no certificate as PEM: No such file or directory");
  EXPECT_EQ(wrong("ns1.pem", "ns3.key"), "ns3.key: cannot be opened: No such file or directory");
}

TEST_F(TlsServiceFiles, AreNotOfTwoServers) {
  EXPECT_EQ(wrong("ns1.pem", "ns2.key"),
            "ns2.key: is not the key of the certificate in ns1.pem: key values mismatch");
}

TEST_F(TlsServiceFiles, AreNotRubbish) {
  files.write("rubbish", "rubbish\n");
  EXPECT_EQ(wrong("rubbish", "ns1.key"), "rubbish: has no certificate as PEM: no start line");
  EXPECT_EQ(wrong("ns1.pem", "rubbish"), "rubbish: has no key as PEM");
}

TEST_F(TlsServiceFiles, KeepTheKeyFromOthers) {
  ::chmod((files / "ns1.key").c_str(), 0644);
  EXPECT_EQ(wrong("ns1.pem", "ns1.key"),
            "ns1.key: has mode 0644, so others could read or change the secret; chmod 0640");
}

TEST_F(TlsServiceFiles, NeedNoPassword) {
  const auto identity = health::issue({});
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  const unsigned char password[] = {'x', 'y', 'z', 'z', 'y'};
  PEM_write_bio_PrivateKey(out.get(), identity.key.get(), EVP_aes_128_cbc(), password, sizeof password,
                           nullptr, nullptr);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  files.write("locked.key", std::string(text, static_cast<std::size_t>(size)));
  files.write("locked.pem", identity.certificate_pem());
  EXPECT_EQ(wrong("locked.pem", "locked.key"),
            "locked.key: the key needs a password; take that away with `openssl pkey`");
}

}  // namespace
}  // namespace holdfast::server
