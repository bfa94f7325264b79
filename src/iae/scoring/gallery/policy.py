"""The content security policy of pages that open from disk and fetch nothing."""

import base64
import hashlib


def security_policy(style: str, script: str) -> str:
    """Forbid everything but the page's own style, its own script, and pictures next to it.

    Args:
        style: content of its one ``<style>``.
        script: content of its one ``<script>``.
    """
    style_hash, script_hash = (
        base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()
        for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_hash}'; script-src 'sha256-{script_hash}'; "
        "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
    )
