INSERT INTO pgparity.divergences
    (at, kind, method, module, primary_backend, reason, paths, error_kind, error_code, key, arguments)
VALUES (%(at)s, %(kind)s, %(method)s, %(module)s, %(primary)s, %(reason)s, %(paths)s, %(error_kind)s, %(error_code)s, %(key)s, %(arguments)s)
