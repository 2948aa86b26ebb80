/**
 * The version of PHP in WebAssembly that was tested with this program's sites: the packages that @php-wasm/node needs,
 * with the PHP of one branch instead of eight (104 MB, not 467). Versions and checksums are those that `npm install
 * @php-wasm/node@VERSION` writes into its package-lock.json; left out are the other branches, and nan, which only a
 * compiler reads.
 */
export const WASM = {
  version: '3.1.56',
  branch: '8.4',
  packages: [
    {
      name: '@nodable/entities',
      version: '3.1.0',
      integrity: 'sha512-LsS/DjHr+uDM647Gru/cA8+J3a3HfhttwCKLyuoyN7yXTFCxKBtSgMQBvrW9yNPa2/zDRUNuGPaH5QUFoa4arQ==',
    },
    {
      name: '@php-wasm/cli-util',
      version: '3.1.56',
      integrity: 'sha512-fG0++QgoBsJl4/KYyAJmajMI2NHRM17ew41W373pF/sMVS/sZuiB+fB8lZ/Grofihljkq5BWdmPh0oFXwUR2Ow==',
    },
    {
      name: '@php-wasm/logger',
      version: '3.1.56',
      integrity: 'sha512-CaKsiO0OGaS07s+of2ZS486La5JhsT/V1yn96/BJ9BKDSQKVQERJDsXIQ2XIdV0/4C6owKBtKn7e7DGhOqPg5Q==',
    },
    {
      name: '@php-wasm/node',
      version: '3.1.56',
      integrity: 'sha512-zpxaoHY8pRNC7qt0kLHim5XUVwLv6nWChis6LbDWVnEF7Gv4Ls7+zTRk+ukQUNfDvRuF11vUzgcMdN7I63Sa/w==',
    },
    {
      name: '@php-wasm/node-8-4',
      version: '3.1.56',
      integrity: 'sha512-fam1tyIcDqyJrgUvm3gW37FZhE02YOL2nYUJpLwq0B9QA4WxQo2wx0W1Tg9LBoIeD7JtvEOHk1soyg6awLPMDQ==',
    },
    {
      name: '@php-wasm/progress',
      version: '3.1.56',
      integrity: 'sha512-vj0wMLaIz1Ct+oKalMhsLpwXslqXRk8HnmPljlU4oeKVtIuus4+lPY7AbJbrKLPu/mjtTUTe6ckhAvvKh2/MJQ==',
    },
    {
      name: '@php-wasm/stream-compression',
      version: '3.1.56',
      integrity: 'sha512-fM6HkAFJ8+oIi4RE5ohkyMD5i504cHkKvs3YVDaRuT437T0L/w7v3IPQ0Un9OaLkamzExKPlnfMxyekkvJqH6Q==',
    },
    {
      name: '@php-wasm/universal',
      version: '3.1.56',
      integrity: 'sha512-TTus/ztQk6jI7duyKGOCO5FJqDhtCYYtdjdL9uxCaAwjWc535yj9110uegqhKKNvKgnc/B+ZbWROnTC8KFnl3A==',
    },
    {
      name: '@php-wasm/util',
      version: '3.1.56',
      integrity: 'sha512-jRL3vqVrKQYx9p91O9xC5KZbVwWpMQ6ZFtTWO6Z4GtqcNoBsUunsPR82y/9k84EnKSj+ZTLLD6cEgLWYRUOoBw==',
    },
    {
      name: 'anynum',
      version: '1.0.1',
      integrity: 'sha512-N6//FLET/tXYNM/F6ABca1oH6fWB+KlTt909Le28WMDBk8oaT4vY17DCrwg2MvmuqUKt3Ni4N5dGJ/EoBgcO6A==',
    },
    {
      name: 'fast-xml-builder',
      version: '1.3.2',
      integrity: 'sha512-OX91VSlShLPDgRZV7tk/YQ4l8tT75QziF5Ixg8g4PFbCVPjuTWwN+yQfAxLJ0dufJpprdOd6HlM74Jhd39TcBQ==',
    },
    {
      name: 'fast-xml-parser',
      version: '5.12.1',
      integrity: 'sha512-wR8dO/fx+z8C5exuem1e7BKOWvjsuzvjS/tvA/Xu3Z1zQqJGcXrPzXbcAiaMgp2KjreEROcTkmnnisrcmJ2hYQ==',
    },
    {
      name: 'fs-ext-extra-prebuilt',
      version: '2.2.7',
      integrity: 'sha512-Q7rayYRBDIvDF01HWOwSSjoaP+05N1g+o3BXL1Zf8Frw2JkjSmi4EtvCBITuW30l6hB2m2TW1pehdh8wyU/+gw==',
    },
    {
      name: 'ini',
      version: '4.1.2',
      integrity: 'sha512-AMB1mvwR1pyBFY/nSevUX6y8nJWS63/SzUKD3JyQn97s4xgIdgQPT75IRouIiBAN4yLQBUShNYVW0+UG25daCw==',
    },
    {
      name: 'is-unsafe',
      version: '2.0.3',
      integrity: 'sha512-ZBllczCCO267vgdFb6Tq3pv+LhHaCiGMdr+ZsuL+OopruAg7S+3ZDs1vD0RPC0uSrkjzbraxaGjtX1YBxjPeFQ==',
    },
    {
      name: 'jsonc-parser',
      version: '3.3.1',
      integrity: 'sha512-HUgH65KyejrUFPvHFPbqOY0rsFip3Bo5wb4ngvdi1EpCYWUQDC5V+Y7mZws+DLkr4M//zQJoanu1SP+87Dv1oQ==',
    },
    {
      name: 'path-expression-matcher',
      version: '1.6.2',
      integrity: 'sha512-enSlaiat05iasnzmgNxRj8reFdj3puY2QpNgP1aPIaVfT6nn9ICuPoFlKHk8EN22HcwewshO+mN2DGbkCEOtqQ==',
    },
    {
      name: 'strnum',
      version: '2.5.1',
      integrity: 'sha512-UM4nTLWzQiDBseVxUGxN0wJzIk0UU89Qi7pKXz9qISo+lhviJikTuikBsK/oFRlpvYHvSdz0TVoLyQ+sEpYwxA==',
    },
    {
      name: 'wasm-feature-detect',
      version: '1.8.0',
      integrity: 'sha512-zksaLKM2fVlnB5jQQDqKXXwYHLQUVH9es+5TOOHwGOVJOCeRBCiPjwSg+3tN2AdTCzjgli4jijCH290kXb/zWQ==',
    },
    {
      name: 'ws',
      version: '8.21.0',
      integrity: 'sha512-Vsp28b7DRcimFQvrqu2Wek3z1iYxDCWqHYB8Qsnk/S4RfaCQzPGPyBNuVjJV3cd6UiKtUtp6sNM77gWvzcCH+g==',
    },
    {
      name: 'xml-naming',
      version: '0.3.0',
      integrity: 'sha512-ghig2TBE/H11aOVgmahA3MhimvkBr6JIYknH/Dhdk10nXwdbIqBJsbfMxpvFPG8bAw77gN29aQWvKpmVoPlvPQ==',
    },
  ],
};
