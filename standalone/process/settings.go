package process

import (
	"testing"

	"linli/config"
)

// Settings are a configuration as the processes read it: Temporal by the SDK's
// own names, and no signing key for a worker. With what a process would refuse
// the test ends here, instead of waiting for one that never comes up.
func Settings(t testing.TB, c config.Config, part config.Part) []string {
	t.Helper()
	values := map[string]string{
		"LINLI_LISTEN": c.Listen, "LINLI_WORKER_LISTEN": c.WorkerListen, "LINLI_PUBLIC_URL": c.PublicURL,
		"TEMPORAL_ADDRESS": c.TemporalAddress, "TEMPORAL_NAMESPACE": c.TemporalNamespace,
		"LINLI_VERIFY_KEYS_FILE": c.VerifyKeysFile, "LINLI_SEAL_KEY_FILE": c.SealKeyFile,
		"LINLI_GATEWAY": c.Gateway, "LINLI_BANK_URL": c.BankURL, "LINLI_BANK_SECRET_FILE": c.BankSecretFile, "LINLI_CHARITY_ACCOUNT": c.CharityAccount,
		"LINLI_LOG_LEVEL": c.LogLevel,
	}
	if c.DayLength > 0 {
		values["LINLI_DAY_LENGTH"] = c.DayLength.String()
	}
	if part&config.Serve != 0 {
		values["LINLI_API_DATABASE_URL"], values["LINLI_BLOB_URL"], values["LINLI_SIGNING_KEY_FILE"] = c.APIDatabaseURL, c.BlobURL, c.SigningKeyFile
	}
	if part&config.Worker != 0 {
		values["LINLI_WORKER_DATABASE_URL"], values["LINLI_BLOB_URL"] = c.WorkerDatabaseURL, c.BlobURL
		values["LINLI_CONTRACT_KEY_FILE"], values["LINLI_CONTRACT_ALGORITHM"] = c.ContractKeyFile, c.ContractAlgorithm
	}
	lookup := func(name string) (string, bool) { value, set := values[name]; return value, set }
	if _, err := config.Load(lookup, part); err != nil {
		t.Fatalf("the settings of linli %s: %v", part, err)
	}
	settings := make([]string, 0, len(values))
	for name, value := range values {
		settings = append(settings, name+"="+value)
	}
	return settings
}
