// Passkeys: asks the browser to create or to show one, and sends its answer with the form.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const credentials = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const ask = {
  create(options) {
    const user = { ...options.user, id: bytes(options.user.id) };
    const excludeCredentials = credentials(options.excludeCredentials);
    const publicKey = { ...options, challenge: bytes(options.challenge), user, excludeCredentials };
    return navigator.credentials.create({ publicKey });
  },
  get(options) {
    const allowCredentials = credentials(options.allowCredentials);
    return navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials } });
  },
};

function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle?.byteLength) said.userHandle = text(response.userHandle);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said });
}

function why(error, form) {
  if (error.name === "InvalidStateError") return form.dataset.known;
  return ["NotAllowedError", "AbortError"].includes(error.name) ? form.dataset.stopped : form.dataset.failed;
}

for (const lacking of document.querySelectorAll("[data-passkey-lacking]")) {
  if (window.PublicKeyCredential) lacking.remove();
  else lacking.firstElementChild.textContent = lacking.dataset.unknown;
}
for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  form.hidden = false;
  for (const one of document.querySelectorAll("[data-passkey-or]")) one.hidden = false;
  form.querySelector("[autofocus]")?.focus();
  const told = form.querySelector("[data-told]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    told.hidden = true;
    button.disabled = true;
    try {
      const credential = await ask[form.dataset.passkey](JSON.parse(form.dataset.options));
      form.elements.answer.value = answer(credential);
      form.submit();
    } catch (error) {
      told.textContent = why(error, form);
      told.hidden = false;
      button.disabled = false;
    }
  });
}
