package app

import (
	"errors"
	"fmt"
	"io/fs"

	"linli/approval/funduse"
	"linli/bank"
	"linli/config"
)

// Prepare reads what a server or a worker needs before it connects to
// anything: keys, the bank's secret, the way to Temporal. found is what its
// settings were refused for (config.Load); the error reports all of it at once.
func Prepare(c config.Config, found error) (Keys, error) {
	keys, err := LoadKeys(c)
	_, engine := engineOptions(c)
	problems := append(untold(err), untold(bankSecret(c))...)
	problems = append(problems, untold(engine)...)
	if err := errors.Join(append([]error{found}, problems...)...); err != nil {
		return Keys{}, err
	}
	return keys, nil
}

// untold leaves out files that cannot be read: the settings have said so.
func untold(err error) []error {
	var path *fs.PathError
	switch joined, several := err.(interface{ Unwrap() []error }); {
	case several:
		var problems []error
		for _, each := range joined.Unwrap() {
			problems = append(problems, untold(each)...)
		}
		return problems
	case err == nil || errors.As(err, &path):
		return nil
	}
	return []error{err}
}

func bankSecret(c config.Config) error {
	if c.Gateway != funduse.HTTP {
		return nil
	}
	secret, err := secretFile(c.BankSecretFile)
	if err == nil && len(secret) < bank.ShortestSecret {
		err = fmt.Errorf("the bank secret is shorter than %d bytes", bank.ShortestSecret)
	}
	if err != nil {
		return unusable("LINLI_BANK_SECRET_FILE", err)
	}
	return nil
}
