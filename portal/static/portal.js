const words = document.querySelector("main").dataset;

// Copying works with this script; without it the text can be selected.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const card = button.closest("section");
    const source = card.querySelector("[data-copy-source]");
    const text = source.dataset.copySource || [...source.children].map((one) => one.textContent).join("\n");
    const told = card.querySelector("[data-copied]");
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = words.wordCopied;
    } catch {
      told.textContent = words.wordKept;
    }
  });
}

for (const button of document.querySelectorAll("[data-copy-text]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const word = button.dataset.word ?? button.textContent;
    button.dataset.word = word;
    try {
      await navigator.clipboard.writeText(button.dataset.copyText);
      button.textContent = "✓";
      setTimeout(() => { button.textContent = word; }, 2000);
    } catch {
      getSelection().selectAllChildren(button.previousElementSibling);
    }
  });
}

// A new app password: asks until its first login. A page that nobody looks at waits.
for (const news of document.querySelectorAll("[data-wait]")) {
  const end = Date.now() + 30 * 60 * 1000;
  const ask = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(news.dataset.wait, { redirect: "error" });
        const { state, sentence } = await answer.json();
        if (news.textContent !== sentence) news.textContent = sentence;
        news.className = `news ${state}`;
        if (state === "connected" || state === "gone") return;
      } catch {
        // Signed out, or no network for the moment.
      }
    }
    if (Date.now() < end) setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
}
