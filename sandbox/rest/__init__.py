"""Discord's REST API: small handlers over the state, and one pipeline that every request passes."""
