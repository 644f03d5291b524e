package app

import (
	"bytes"
	"context"
	"fmt"

	"gocloud.dev/blob"

	"linli/approval"
	"linli/approval/contract"
	"linli/poster"
)

// press draws papers for activities.
type press struct{ font poster.Font }

func (p press) Draw(_ context.Context, paper approval.Paper) ([]byte, error) {
	var out bytes.Buffer
	err := poster.Paper(&out, paper, p.font)
	return out.Bytes(), err
}

// documents keep agreements among the attachments, under their SHA-256. What
// is there is never written again: bytes that were altered stay to be found.
type documents struct{ bucket *blob.Bucket }

func (d documents) KeepDocument(ctx context.Context, sha256 string, content []byte) error {
	there, err := d.bucket.Exists(ctx, contract.Key(sha256))
	if err != nil || there {
		return err
	}
	return d.bucket.WriteAll(ctx, contract.Key(sha256), content, &blob.WriterOptions{ContentType: "application/pdf"})
}

func (d documents) Document(ctx context.Context, sha256 string) ([]byte, error) {
	content, err := d.bucket.ReadAll(ctx, contract.Key(sha256))
	if err != nil {
		return nil, fmt.Errorf("reading document %s: %w", sha256, err)
	}
	return content, nil
}
